package dev.hairpin.deploy.check;

import dev.hairpin.deploy.check.NatDiscovery.Finding;
import java.io.PrintWriter;

/// Tells in words what a NAT does (RFC 4787), and what follows for calls.
public final class NatReport {
  private final IceUrl server;
  private final PrintWriter out;

  /// A report on the way to one server.
  ///
  /// @throws IllegalArgumentException where the text is no `stun:` URL
  public NatReport(String server, PrintWriter out) {
    var url = IceUrl.parse(server);
    if (url == null || !url.text().startsWith("stun:") || !url.transport().isDatagram()) {
      throw new IllegalArgumentException(
          "'" + server + "' is not a server like stun:turn.example.org:3478");
    }
    this.server = url;
    this.out = out;
  }

  /// Whether it could be found out.
  public boolean run() {
    try {
      print(new NatDiscovery(server.resolve()).run());
      return true;
    } catch (CheckException e) {
      out.println(e.getMessage());
      out.println("   " + e.hint());
      return false;
    } finally {
      out.flush();
    }
  }

  private void print(Finding found) {
    row("server", server.text());
    row("sent from", found.local().toString());
    row("seen as", found.mapped().toString());
    row("NAT", found.isTranslated() ? "yes" : "none");
    row("mapping", found.isTranslated() ? found.mapping().toString() : "none");
    row("filtering", found.filtering().toString());
    out.println();
    out.println(consequence(found));
  }

  private void row(String label, String text) {
    out.printf("%-10s %s%n", label, text);
  }

  /// RFC 5128 §3.3: holes are punched where the mapping does not depend on the peer.
  private static String consequence(Finding found) {
    boolean predictable =
        !found.isTranslated() || found.mapping() == NatBehavior.ENDPOINT_INDEPENDENT;
    if (!predictable) {
      return "Direct calls succeed with few peers: each sees another address. The others need"
          + " TURN.";
    }
    return found.filtering() == NatBehavior.ENDPOINT_INDEPENDENT
        ? "Every peer can call this client directly."
        : "Direct calls succeed with most peers, once both ends have sent. Others need TURN.";
  }
}
