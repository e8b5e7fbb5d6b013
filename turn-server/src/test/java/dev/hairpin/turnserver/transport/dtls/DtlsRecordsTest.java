package dev.hairpin.turnserver.transport.dtls;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import org.junit.jupiter.api.Test;

/// What BouncyCastle is not shown. Records are type, version, epoch, sequence number, length and
/// content; handshake messages are type, length, sequence number, offset, fragment length.
class DtlsRecordsTest {
  private static final String FINISHED_OF_16_MB =
      "14 ffffff 0003 000000 00000c 0a0b0c0d0e0f0a0b0c0d0e0f";
  private static final String FINISHED = "14 00000c 0003 000000 00000c 0a0b0c0d0e0f0a0b0c0d0e0f";

  @Test
  void recordsOfBothEpochsAreSound() {
    assertTrue(sound("16 fefd 0000 000000000001 0018" + FINISHED));
    assertTrue(sound("16 feff 0000 000000000001 0018" + FINISHED));
    assertTrue(sound("14 fefd 0000 000000000001 0001 01"));
    assertTrue(sound("17 fefd 0001 000000000001 0018" + "00".repeat(24)));
    assertTrue(sound("14 fefd 0000 000000000001 0001 01 14 fefd 0000 000000000002 0001 01"));
  }

  @Test
  void otherTypesVersionsAndEpochsAreNot() {
    assertFalse(sound("13 fefd 0000 000000000001 0001 01"));
    assertFalse(sound("18 fefd 0000 000000000001 0001 01"));
    assertFalse(sound("19 fefd 0000 000000000001 0001 01"));
    assertFalse(sound("94 fefd 0000 000000000001 0001 01"));
    assertFalse(sound("14 fefe 0000 000000000001 0001 01"));
    assertFalse(sound("14 fefc 0000 000000000001 0001 01"));
    assertFalse(sound("14 0303 0000 000000000001 0001 01"));
    assertFalse(sound("17 fefd 0002 000000000001 0018" + "00".repeat(24)));
    assertFalse(sound("17 fefd ffff 000000000001 0018" + "00".repeat(24)));
  }

  @Test
  void lengthsThatDoNotFitAreNot() {
    assertFalse(sound(""));
    assertFalse(sound("14 fefd 0000 000000000001 00"));
    assertFalse(sound("14 fefd 0000 000000000001 0002 01"));
    assertFalse(sound("14 fefd 0000 000000000001 0001 01 01"));
    assertFalse(sound("17 fefd 0001 000000000001 0017" + "00".repeat(23)));
    assertFalse(sound("14 fefd 0000 000000000001 0001 01 14 fefe 0000 000000000002 0001 01"));
  }

  @Test
  void aMessageThatClaimsToBeLargeIsNot() {
    assertFalse(sound("16 fefd 0000 000000000001 0018" + FINISHED_OF_16_MB));
    assertFalse(sound("16 fefd 0000 000000000001 0030" + FINISHED + FINISHED_OF_16_MB));
    assertTrue(
        sound("16 fefd 0000 000000000001 0018" + FINISHED.replace("00000c 0003", "000800 0003")));
    assertFalse(
        sound("16 fefd 0000 000000000001 0018" + FINISHED.replace("00000c 0003", "000801 0003")));
  }

  /// The unchecked exception is what BouncyCastle takes for a bad record, which it drops.
  @Test
  void anEncryptedMessageThatClaimsToBeLargeIsNotDecrypted() {
    assertArrayEquals(hex(FINISHED), decrypted(22, FINISHED));
    assertArrayEquals(hex(FINISHED_OF_16_MB), decrypted(23, FINISHED_OF_16_MB));
    assertThrows(IllegalStateException.class, () -> decrypted(22, FINISHED_OF_16_MB));
  }

  private static byte[] decrypted(int type, String plaintext) {
    byte[] associated = new byte[13];
    associated[8] = (byte) type;
    byte[] text = hex(plaintext);
    var out = new DtlsCrypto.AesGcm(Cipher.ENCRYPT_MODE);
    out.setKey(new byte[16], 0, 16);
    out.init(new byte[12], 16);
    byte[] record = new byte[out.getOutputSize(text.length)];
    assertEquals(record.length, out.doFinal(associated, text, 0, text.length, record, 0));
    var in = new DtlsCrypto.AesGcm(Cipher.DECRYPT_MODE);
    in.setKey(new byte[16], 0, 16);
    in.init(new byte[12], 16);
    int length = in.doFinal(associated, record, 0, record.length, record, 0);
    assertEquals(in.getOutputSize(record.length), length);
    return Arrays.copyOf(record, length);
  }

  private static boolean sound(String datagram) {
    return DtlsRecords.areSound(hex(datagram));
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits.replace(" ", ""));
  }
}
