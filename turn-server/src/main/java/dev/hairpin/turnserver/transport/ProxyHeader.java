package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.haproxy.HAProxyCommand;
import io.netty.handler.codec.haproxy.HAProxyMessage;
import io.netty.handler.codec.haproxy.HAProxyProxiedProtocol.AddressFamily;

/// Learns from a load balancer's PROXY header (version 1 or 2) who the client is.
final class ProxyHeader extends SimpleChannelInboundHandler<HAProxyMessage> {
  private final StreamConnection connection;

  ProxyHeader(StreamConnection connection) {
    this.connection = connection;
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, HAProxyMessage header) {
    var family = header.proxiedProtocol().addressFamily();
    boolean names = family == AddressFamily.AF_IPv4 || family == AddressFamily.AF_IPv6;
    if (header.command() == HAProxyCommand.PROXY && names) {
      var ip = IpAddress.parse(header.sourceAddress());
      connection.speaksFor(new TransportAddress(ip, header.sourcePort()));
    } // else the balancer speaks for itself: a health check
    context.pipeline().remove(this);
  }
}
