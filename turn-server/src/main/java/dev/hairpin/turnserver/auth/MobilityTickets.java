package dev.hairpin.turnserver.auth;

import dev.hairpin.turnserver.net.Jca;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import org.jspecify.annotations.Nullable;

/// Seals and opens the tickets by which allocations follow their clients (RFC 8016 §3.3, §5): no
/// one but this process can make or read one. Confined to one thread.
public final class MobilityTickets {
  private static final String ALGORITHM = "AES/GCM/NoPadding";
  private static final int NONCE_BYTES = 12;
  private static final int CONTENT_BYTES = 16;
  private static final int TAG_BYTES = 16;
  private static final int BYTES = NONCE_BYTES + CONTENT_BYTES + TAG_BYTES;

  private final SecretKey key;
  private final Cipher cipher;

  /// What is in a ticket.
  ///
  /// @param loop that keeps the allocation
  /// @param allocation its id
  /// @param generation counts the tickets of the allocation
  public record Ticket(int loop, int generation, long allocation) {
    public Ticket next() {
      return new Ticket(loop, generation + 1, allocation);
    }
  }

  public MobilityTickets(ProcessKeys keys) {
    this.key = keys.tickets;
    this.cipher = Jca.get(() -> Cipher.getInstance(ALGORITHM));
  }

  public byte[] seal(Ticket ticket) {
    var content = ByteBuffer.allocate(CONTENT_BYTES).putInt(ticket.loop());
    content.putInt(ticket.generation()).putLong(ticket.allocation());
    return Jca.get(
        () -> {
          cipher.init(Cipher.ENCRYPT_MODE, key); // draws a nonce
          var sealed = ByteBuffer.allocate(BYTES).put(cipher.getIV());
          return sealed.put(cipher.doFinal(content.array())).array();
        });
  }

  /// Null where this process did not make it.
  public @Nullable Ticket open(byte[] sealed) {
    if (sealed.length != BYTES) {
      return null;
    }
    try {
      var nonce = new GCMParameterSpec(8 * TAG_BYTES, sealed, 0, NONCE_BYTES);
      cipher.init(Cipher.DECRYPT_MODE, key, nonce);
      var content = ByteBuffer.wrap(cipher.doFinal(sealed, NONCE_BYTES, BYTES - NONCE_BYTES));
      return new Ticket(content.getInt(), content.getInt(), content.getLong());
    } catch (GeneralSecurityException _) {
      return null;
    }
  }
}
