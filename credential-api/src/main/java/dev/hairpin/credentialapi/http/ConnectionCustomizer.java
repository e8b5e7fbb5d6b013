package dev.hairpin.credentialapi.http;

import io.micronaut.context.event.BeanCreatedEvent;
import io.micronaut.context.event.BeanCreatedEventListener;
import io.micronaut.http.netty.channel.ChannelPipelineCustomizer;
import io.micronaut.http.server.netty.NettyServerCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;

/// Adds to the pipeline of each connection.
public abstract class ConnectionCustomizer
    implements BeanCreatedEventListener<NettyServerCustomizer.Registry>, NettyServerCustomizer {
  @Override
  public NettyServerCustomizer.Registry onCreated(
      BeanCreatedEvent<NettyServerCustomizer.Registry> event) {
    event.getBean().register(this);
    return event.getBean();
  }

  @Override
  public NettyServerCustomizer specializeForChannel(Channel channel, ChannelRole role) {
    return role == ChannelRole.CONNECTION ? of(channel) : this;
  }

  /// What customizes one connection.
  protected abstract NettyServerCustomizer of(Channel connection);

  /// Puts a handler where requests have been decoded, and nothing has seen them.
  protected static void addBehindCodec(Channel connection, String name, ChannelHandler handler) {
    connection
        .pipeline()
        .addAfter(ChannelPipelineCustomizer.HANDLER_HTTP_SERVER_CODEC, name, handler);
  }

  /// Takes a connection out of the number of those that call, which is bounded.
  protected static void countNoMore(Channel connection) {
    ConnectionGuard.release(connection);
  }

  /// The headers of an answer that the framework does not see.
  protected static HttpHeaders headersFor(HttpRequest request) {
    return new DefaultHttpHeaders()
        .set(RequestIds.HEADER, RequestIds.of(request.headers().getAll(RequestIds.HEADER)));
  }
}
