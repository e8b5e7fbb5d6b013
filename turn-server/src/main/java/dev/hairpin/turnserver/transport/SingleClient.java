package dev.hairpin.turnserver.transport;

import dev.hairpin.turnserver.allocation.Allocation;
import dev.hairpin.turnserver.allocation.ClientLink;
import dev.hairpin.turnserver.allocation.FiveTuple;
import dev.hairpin.turnserver.net.Transport;
import dev.hairpin.turnserver.net.TransportAddress;
import dev.hairpin.turnserver.udp.Packet;

/// A socket that one client alone is behind, so that it is the way back as well.
public interface SingleClient extends ClientSocket, ClientLink {
  FiveTuple fiveTuple();

  default TransportAddress client() {
    return fiveTuple().client();
  }

  @Override
  default Transport transport() {
    return fiveTuple().transport();
  }

  @Override
  default FiveTuple fiveTupleOf(Packet packet) {
    return fiveTuple();
  }

  @Override
  default ClientLink linkTo(TransportAddress known, Packet request) {
    return this;
  }

  @Override
  default void forget(Allocation ended) {
    remove(client(), ended);
  }
}
