package dev.hairpin.turnserver.loop;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.RelaySocket;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.relay.PeerEvents;
import dev.hairpin.turnserver.relay.UdpRelaySocket;
import dev.hairpin.turnserver.stun.Attribute;
import dev.hairpin.turnserver.stun.MessageClass;
import dev.hairpin.turnserver.stun.Method;
import dev.hairpin.turnserver.stun.StunMessage;
import dev.hairpin.turnserver.stun.StunWriter;
import dev.hairpin.turnserver.stun.TransactionId;
import dev.hairpin.turnserver.stun.TransactionIds;
import dev.hairpin.turnserver.stun.XorAddress;
import dev.hairpin.turnserver.telemetry.Counter;
import dev.hairpin.turnserver.telemetry.Counters;
import dev.hairpin.turnserver.telemetry.DropReason;
import dev.hairpin.turnserver.transport.ClientSocket;
import dev.hairpin.turnserver.turn.ChannelData;
import dev.hairpin.turnserver.turn.SendIndication;
import dev.hairpin.turnserver.udp.Packet;
import dev.hairpin.turnserver.udp.UdpHandler.Icmp;
import io.netty.buffer.ByteBuf;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The hot half of a loop: what happens to every relayed packet. No object is made here, no clock
/// is read, nothing is logged.
final class DataPath implements PeerEvents {
  /// Header, XOR-PEER-ADDRESS and the head of DATA in a Data indication.
  private static final int INDICATION_BYTES_IPV4 = 20 + 12 + 4;

  private static final int INDICATION_BYTES_IPV6 = 20 + 24 + 4;

  private final Counters counters;
  private final ByteBuf scratch;
  private final XorAddress sendsTo = new XorAddress();
  private final TransactionIds ids = new TransactionIds(new SecureRandom());

  private final RelayLoop here;
  private final List<RelayLoop> loops;

  /// To the loops as they are numbered, as far as they were asked for.
  private final List<Ferry> ferries = new ArrayList<>();

  /// The time of this turn.
  private long nowNanos;

  DataPath(Counters counters, ByteBuf scratch, RelayLoop here, List<RelayLoop> loops) {
    this.counters = counters;
    this.scratch = scratch;
    this.here = here;
    this.loops = loops;
  }

  void turn(long nanos) {
    nowNanos = nanos;
  }

  /// RFC 8656 §12.6.
  void channelData(ClientSocket socket, Packet packet) {
    var allocation = sender(socket, packet);
    if (allocation == null) {
      return;
    }
    int length = ChannelData.payloadLength(packet.buffer(), packet.offset(), packet.length());
    if (length < 0) {
      counters.drop(DropReason.MALFORMED_CHANNEL_DATA);
      return;
    }
    int number = ChannelData.channel(packet.buffer(), packet.offset());
    var binding = allocation.channel(number, nowNanos);
    if (binding == null) {
      counters.drop(DropReason.CHANNEL_UNBOUND);
      return;
    }
    var peer = binding.peer();
    if (!allocation.mayPass(binding.permission(), peer.port(), nowNanos)) {
      counters.drop(DropReason.NO_PERMISSION_FOR_PEER);
      return;
    }
    long high = peer.ip().high();
    long low = peer.ip().low();
    var relay = wayOut(allocation, length, high, low);
    if (relay != null) {
      relay.relay(packet, ChannelData.HEADER_BYTES, length, high, low, peer.port());
    }
  }

  /// RFC 8656 §11.2.
  void sendIndication(ClientSocket socket, Packet packet, StunMessage message) {
    if (!SendIndication.read(message, sendsTo)) {
      counters.drop(DropReason.MALFORMED_INDICATION);
      return;
    }
    var allocation = sender(socket, packet);
    if (allocation == null) {
      return;
    }
    if (allocation.isTcp()) {
      counters.drop(DropReason.TCP_ALLOCATION);
      return;
    }
    long high = sendsTo.high();
    long low = sendsTo.low();
    int port = sendsTo.port();
    var permission = allocation.permission(high, low, nowNanos);
    if (permission == null) {
      counters.drop(DropReason.NO_PERMISSION_FOR_PEER);
      return;
    }
    if (!allocation.mayPass(permission, port, nowNanos)) {
      counters.drop(DropReason.PEER_DENIED);
      return;
    }
    int data = message.find(Attribute.DATA);
    int skip = message.offsetOf(data) - packet.offset();
    int length = message.lengthOf(data);
    var relay = wayOut(allocation, length, high, low);
    if (relay == null) {
      return;
    }
    if (message.has(Attribute.DONT_FRAGMENT)
        && allocation.fiveTuple().heedsDontFragment(high, low)) {
      relay.relayUnfragmented(packet, skip, length, high, low, port);
    } else {
      relay.relay(packet, skip, length, high, low, port);
    }
  }

  /// The live allocation of the client that sends data, or null where there is none on this loop.
  private @Nullable Allocation sender(ClientSocket socket, Packet packet) {
    var allocation = socket.allocationOf(packet);
    if (allocation != null && allocation.isLive(nowNanos)) {
      if (allocation.whereabouts().isMoving()) {
        allocation.whereabouts().heard(socket.fiveTupleOf(packet), true, nowNanos);
      }
      return allocation;
    }
    if (socket.holderOf(packet) instanceof Passage passage) {
      passage.forward(packet);
    } else {
      counters.drop(DropReason.NO_ALLOCATION);
    }
    return null;
  }

  /// By which a peer gets data that count from now on, or null where they may not go there.
  private @Nullable RelaySocket wayOut(Allocation allocation, int length, long high, long low) {
    var relay = allocation.relayTowards(high, low);
    if (relay == null) {
      counters.drop(DropReason.NO_ALLOCATION);
      return null;
    }
    var traffic = allocation.traffic();
    if (!traffic.admitsToPeer(length, nowNanos)) {
      dropBeyondLimit(allocation);
      return null;
    }
    traffic.toPeer(length);
    counters.increment(Counter.TO_PEER_PACKETS);
    counters.add(Counter.TO_PEER_BYTES, length);
    return relay;
  }

  private void dropBeyondLimit(Allocation allocation) {
    boolean isSpent = allocation.traffic().isSpent();
    counters.drop(isSpent ? DropReason.BYTES_SPENT : DropReason.BANDWIDTH);
  }

  /// RFC 8656 §11.5, §12.7: the permission is asked first, then whether a channel is bound.
  @Override
  public void onPeerPacket(UdpRelaySocket relay, Packet packet, long high, long low, int port) {
    var allocation = relay.allocation();
    if (allocation == null || !allocation.isLive(nowNanos)) {
      counters.drop(DropReason.NO_ALLOCATION);
      return;
    }
    var binding = allocation.channelOf(high, low, port, nowNanos);
    var permission =
        binding != null ? binding.permission() : allocation.permission(high, low, nowNanos);
    if (permission == null || !allocation.mayPass(permission, port, nowNanos)) {
      counters.drop(DropReason.PEER_NOT_PERMITTED);
      return;
    }
    int length = packet.length();
    int overhead =
        binding != null
            ? ChannelData.HEADER_BYTES
            : (IpAddress.isIpv4(high, low) ? INDICATION_BYTES_IPV4 : INDICATION_BYTES_IPV6)
                + (-length & 3);
    if (overhead + length > allocation.client().maxMessageBytes()) {
      boolean isAway = allocation.client().equals(ClientLink.NOWHERE);
      counters.drop(isAway ? DropReason.CLIENT_AWAY : DropReason.TOO_LARGE);
      return;
    }
    if (!allocation.traffic().admitsToClient(length, nowNanos)) {
      dropBeyondLimit(allocation);
      return;
    }
    if (binding != null) {
      allocation.client().relayBehind(ChannelData.header(binding.number(), length), packet);
    } else {
      allocation.client().send(indication(packet, high, low, port));
    }
    allocation.traffic().toClient(length);
    counters.increment(Counter.TO_CLIENT_PACKETS);
    counters.add(Counter.TO_CLIENT_BYTES, length);
  }

  private ByteBuf indication(Packet packet, long high, long low, int port) {
    scratch.clear();
    ids.next();
    var in = packet.buffer();
    StunWriter.dataIndication(
        scratch, ids.high(), ids.low(), high, low, port, in, packet.offset(), packet.length());
    return scratch;
  }

  @Override
  public void onPacketAway(
      int loop, TransportAddress source, Packet packet, int skip, int length, int port) {
    while (ferries.size() <= loop) {
      ferries.add(new Ferry(here, loops.get(ferries.size())));
    }
    ferries.get(loop).take(source, packet, skip, length, port);
  }

  /// RFC 8656 §11.5. The permission that let the datagram out lets the error back in; not hot. An
  /// error that this system found by itself tells no port.
  @Override
  public void onPeerIcmp(UdpRelaySocket relay, Icmp icmp) {
    var allocation = relay.allocation();
    long high = icmp.peer().ip().high();
    long low = icmp.peer().ip().low();
    if (allocation == null || !allocation.isLive(nowNanos)) {
      counters.drop(DropReason.NO_ALLOCATION);
      return;
    }
    int port = icmp.peer().port();
    var permission = allocation.permission(high, low, nowNanos);
    if (permission == null || (port != 0 && !allocation.mayPass(permission, port, nowNanos))) {
      counters.drop(DropReason.PEER_NOT_PERMITTED);
      return;
    }
    scratch.clear();
    ids.next();
    var id = new TransactionId(ids.high(), ids.low());
    new StunWriter(scratch, MessageClass.INDICATION, Method.DATA, id)
        .address(Attribute.XOR_PEER_ADDRESS, icmp.peer())
        .icmp(icmp.type(), icmp.code(), icmp.data());
    allocation.client().send(scratch);
    counters.increment(Counter.ICMP_TO_CLIENT);
  }
}
