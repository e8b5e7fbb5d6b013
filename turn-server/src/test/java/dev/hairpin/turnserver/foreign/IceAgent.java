package dev.hairpin.turnserver.foreign;

import dev.hairpin.turnserver.testkit.TurnCredential;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.ice4j.Transport;
import org.ice4j.TransportAddress;
import org.ice4j.ice.Agent;
import org.ice4j.ice.Component;
import org.ice4j.ice.HostCandidate;
import org.ice4j.ice.RelayedCandidate;
import org.ice4j.ice.harvest.TurnCandidateHarvester;
import org.ice4j.security.LongTermCredential;
import org.ice4j.socket.IceUdpSocketWrapper;
import org.ice4j.socket.MultiplexingDatagramSocket;
import org.jitsi.utils.logging2.LoggerImpl;

/// An ICE agent of ice4j that gathers relayed candidates. Its only host candidate is on loopback,
/// which ice4j would not choose by itself.
final class IceAgent implements AutoCloseable {
  private static final InetAddress LOOPBACK = InetAddress.ofLiteral("127.0.0.1");
  private static final int RTP = 1;

  static {
    // ice4j would look for Amazon's metadata service, which is neither here nor loopback
    System.setProperty("ice4j.harvest.mapping.aws.enabled", "false");
  }

  private final Agent agent = new Agent();
  private final Component component =
      Component.build(RTP, agent.createMediaStream("media"), new LoggerImpl("ice4j"));

  IceAgent() {
    try {
      var socket = new IceUdpSocketWrapper(new MultiplexingDatagramSocket(0, LOOPBACK));
      var host = new HostCandidate(socket, component);
      component.addLocalCandidate(host);
      agent.getStunStack().addSocket(host.getStunSocket(null));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The relayed candidates that a server grants, none where it refuses.
  List<RelayedCandidate> gather(InetSocketAddress server, TurnCredential credential) {
    var harvester =
        new TurnCandidateHarvester(
            new TransportAddress(server, Transport.UDP),
            new LongTermCredential(credential.username(), credential.password()));
    return harvester.harvest(component).stream()
        .filter(RelayedCandidate.class::isInstance)
        .map(RelayedCandidate.class::cast)
        .toList();
  }

  /// Sends through the relay; ice4j asks for the permission or channel that this needs.
  static void send(RelayedCandidate from, InetSocketAddress to, String text) {
    var bytes = text.getBytes(StandardCharsets.UTF_8);
    try {
      from.getCandidateIceSocketWrapper().send(new DatagramPacket(bytes, bytes.length, to));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Waits for the next payload, for as long as the agent is open.
  static String receive(RelayedCandidate at) {
    var packet = new DatagramPacket(new byte[1500], 1500);
    try {
      at.getCandidateIceSocketWrapper().receive(packet);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return new String(packet.getData(), 0, packet.getLength(), StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    agent.free();
  }
}
