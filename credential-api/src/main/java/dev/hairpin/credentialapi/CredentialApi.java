package dev.hairpin.credentialapi;

import dev.hairpin.credentialapi.auth.KnownCallers;
import dev.hairpin.credentialapi.http.ApiMetrics;
import dev.hairpin.credentialapi.http.Courtesy;
import dev.hairpin.credentialapi.http.TlsCallers;
import dev.hairpin.credentialapi.operations.Reloader;
import dev.hairpin.credentialapi.operations.ServerController;
import dev.hairpin.credentialapi.tenant.Tenants;
import dev.hairpin.credentialapi.usage.UsageKeeper;
import dev.hairpin.turnserver.credential.CredentialIssuer;
import dev.hairpin.turnserver.server.TurnServer;
import io.micronaut.context.ApplicationContext;
import io.micronaut.context.RuntimeBeanDefinition;
import io.micronaut.http.netty.channel.EventLoopGroupRegistry;
import io.micronaut.http.server.exceptions.ServerStartupException;
import io.micronaut.http.server.netty.NettyEmbeddedServer;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The HTTP server of the credential API, until it is closed.
public final class CredentialApi implements AutoCloseable {
  private static final int STOP_SECONDS = 5;

  private final ApplicationContext context;
  private final List<EventLoopGroup> loops;
  private final URI url;

  private CredentialApi(ApplicationContext context, List<EventLoopGroup> loops, URI url) {
    this.context = context;
    this.loops = loops;
    this.url = url;
  }

  /// Starts to serve.
  ///
  /// @param turnServer the TURN server in this process, whose health and counters are told; null
  ///   where it runs elsewhere
  /// @throws UncheckedIOException where the address cannot be bound
  public static CredentialApi start(
      ApiSettings settings, CredentialIssuer issuer, @Nullable TurnServer turnServer) {
    return start(settings, issuer, turnServer, null, null);
  }

  /// Starts to serve, also the callers that come through the TURN server's TLS listeners.
  ///
  /// @param tlsCallers what the TURN server was given as its `http`; null where HTTP is not served
  ///   there
  /// @param usage what is told of usage; null where it is not stored
  /// @throws UncheckedIOException where an address cannot be bound
  public static CredentialApi start(
      ApiSettings settings,
      CredentialIssuer issuer,
      @Nullable TurnServer turnServer,
      @Nullable TlsCallers tlsCallers,
      @Nullable UsageKeeper usage) {
    return start(settings, issuer, turnServer, tlsCallers, usage, InstantSource.system());
  }

  /// Starts with a clock of the caller's own.
  static CredentialApi start(
      ApiSettings settings,
      CredentialIssuer issuer,
      @Nullable TurnServer turnServer,
      @Nullable TlsCallers tlsCallers,
      @Nullable UsageKeeper usage,
      InstantSource clock) {
    ApplicationContext context =
        startContext(settings, issuer, turnServer, tlsCallers, usage, clock);
    List<EventLoopGroup> loops = loops(context);
    try {
      var server = context.getBean(NettyEmbeddedServer.class).start();
      if (turnServer != null) {
        loops.forEach(group -> group.forEach(loop -> loop.execute(Courtesy::show)));
      }
      return new CredentialApi(context, loops, url(settings, server, tlsCallers));
    } catch (ServerStartupException e) {
      close(context, loops);
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new UncheckedIOException(
          new IOException(settings.listen() + " cannot be bound: " + cause.getMessage(), cause));
    }
  }

  /// The beans, without a socket.
  static ApplicationContext startContext(
      ApiSettings settings,
      CredentialIssuer issuer,
      @Nullable TurnServer turnServer,
      @Nullable TlsCallers tlsCallers,
      @Nullable UsageKeeper usage,
      InstantSource clock) {
    var singletons = new ArrayList<Object>(List.of(settings, issuer));
    if (turnServer != null) {
      singletons.add(turnServer);
    }
    if (tlsCallers != null) {
      singletons.add(tlsCallers);
    }
    if (usage != null) {
      singletons.add(usage);
    }
    return ApplicationContext.builder()
        .classLoader(CredentialApi.class.getClassLoader())
        .banner(false)
        .deduceEnvironment(false)
        .deduceCloudEnvironment(false)
        .bootstrapEnvironment(false)
        .enableDefaultPropertySources(false)
        .properties(ServerProperties.of(settings, tlsCallers))
        .singletons(singletons.toArray())
        .beanDefinitions(
            RuntimeBeanDefinition.builder(InstantSource.class, () -> clock)
                .singleton(true)
                .replaces(InstantSource.class)
                .build())
        .start();
  }

  private static List<EventLoopGroup> loops(ApplicationContext context) {
    var registry = context.getBean(EventLoopGroupRegistry.class);
    return ServerProperties.EVENT_LOOPS.keySet().stream()
        .map(name -> registry.getEventLoopGroup(name).orElseThrow())
        .toList();
  }

  private static URI url(
      ApiSettings settings, NettyEmbeddedServer server, @Nullable TlsCallers tlsCallers) {
    var ports = new HashSet<>(server.getBoundPorts());
    if (tlsCallers != null) {
      ports.remove(tlsCallers.address().port());
    }
    int wanted = settings.listen().getPort();
    int port = wanted > 0 ? wanted : ports.iterator().next();
    return URI.create("http://" + settings.listen().getHost() + ":" + port);
  }

  /// Where the API answers, with the port that the system chose for port 0.
  public URI url() {
    return url;
  }

  /// Takes calls of these callers from now on, and of no others. Any thread may call.
  public void apply(Callers callers) {
    context.getBean(KnownCallers.class).apply(callers);
  }

  /// Lets callers read the configuration again.
  public void reloadBy(Reloader reloader) {
    context.getBean(ServerController.class).reloadBy(reloader);
  }

  /// Serves callers of these tenants from now on, and of no others. Any thread may call.
  public void apply(List<ApiTenant> tenants) {
    context.getBean(Tenants.class).apply(tenants);
  }

  /// What `/metrics` tells, to be counted in.
  public ApiMetrics metrics() {
    return context.getBean(ApiMetrics.class);
  }

  @Override
  public void close() {
    close(context, loops);
  }

  /// Returns when the sockets are closed; the framework alone would return before.
  private static void close(ApplicationContext context, List<EventLoopGroup> loops) {
    context.close();
    for (var group : loops) {
      var _ = group.terminationFuture().awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
    }
  }
}
