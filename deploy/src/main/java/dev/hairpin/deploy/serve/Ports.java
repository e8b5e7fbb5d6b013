package dev.hairpin.deploy.serve;

import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.ServerSocket;
import java.util.Locale;

/// Asks the system for addresses before the servers do.
final class Ports {
  private Ports() {}

  /// An address that is free, with a port of the system's choice in the place of port 0, so that it
  /// is known before the API starts.
  static TransportAddress freeTcp(TransportAddress listener) {
    try (var socket = new ServerSocket(listener.port(), 1, listener.ip().toInetAddress())) {
      return new TransportAddress(listener.ip(), socket.getLocalPort());
    } catch (IOException e) {
      throw cannotListen("http://" + listener, e, "--api");
    }
  }

  /// Whether sockets can be opened at an address.
  static boolean isOfThisMachine(IpAddress ip) {
    try (var socket = new DatagramSocket(0, ip.toInetAddress())) {
      return socket.isBound();
    } catch (BindException _) {
      return false;
    } catch (IOException _) {
      return true; // another trouble, which the server will have too
    }
  }

  static StartException cannotListen(Object url, Throwable cause, String option) {
    return failure("cannot listen on " + url, cause, option);
  }

  /// Why it failed, and what to do.
  ///
  /// @param option the option that names another address
  static StartException failure(String what, Throwable cause, String option) {
    Throwable root = cause;
    while (root.getCause() != null && !(root instanceof BindException)) {
      root = root.getCause();
    }
    String reason = String.valueOf(root.getMessage());
    if (reason.toLowerCase(Locale.ROOT).contains("in use")) {
      return new StartException(
          what
              + ": the address is in use; stop the program that holds it, or choose another by "
              + option);
    }
    return new StartException(what + ": " + reason + "; choose another by " + option);
  }
}
