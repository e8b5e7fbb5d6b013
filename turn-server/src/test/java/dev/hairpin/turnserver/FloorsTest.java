package dev.hairpin.turnserver;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.constantpool.ClassEntry;
import java.lang.classfile.constantpool.Utf8Entry;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// Imports point down only, and rooms on one floor do not import each other: read from the class
/// files, so that nothing escapes. docs/architecture.md draws the same house.
class FloorsTest {
  private static final List<List<String>> FLOORS =
      List.of(
          List.of("net", "telemetry"),
          List.of("stun", "tcp", "udp", "credential"),
          List.of("turn"),
          List.of("auth", "policy"),
          List.of("allocation"),
          List.of("relay", "transport"),
          List.of("loop"),
          List.of("server"));
  private static final Pattern ROOM = Pattern.compile("dev/hairpin/turnserver/(\\w+)/");

  @Test
  void importsPointDownOnly() throws Exception {
    assertEquals(List.of(), violations(mainClasses()));
  }

  @Test
  void everyRoomHasAFloorAndEveryFloorItsRooms() throws Exception {
    var onFloors = new TreeSet<String>();
    FLOORS.forEach(onFloors::addAll);
    try (var folders = Files.list(mainClasses().resolve("dev/hairpin/turnserver"))) {
      var rooms = new TreeSet<>(folders.map(f -> f.getFileName().toString()).toList());
      assertEquals(onFloors, rooms);
    }
  }

  @Test
  void anUpwardImportIsSeen() {
    assertEquals(List.of("stun -> turn"), judge("stun", "Ldev/hairpin/turnserver/turn/Answer;"));
    assertEquals(List.of("auth -> policy"), judge("auth", "dev/hairpin/turnserver/policy/X"));
    assertEquals(List.of(), judge("turn", "dev/hairpin/turnserver/stun/StunMessage"));
  }

  private static List<String> violations(Path classes) throws IOException {
    var found = new TreeSet<String>();
    int seen = 0;
    try (var files = Files.walk(classes)) {
      for (var file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        var own = ROOM.matcher(classes.relativize(file).toString().replace('\\', '/'));
        assertTrue(own.find(), () -> "a class outside of every room: " + file);
        seen++;
        for (var entry : ClassFile.of().parse(file).constantPool()) {
          switch (entry) {
            case ClassEntry c -> found.addAll(judge(own.group(1), c.asInternalName()));
            case Utf8Entry u -> found.addAll(judge(own.group(1), u.stringValue()));
            default -> {}
          }
        }
      }
    }
    assertTrue(seen > 50, "the classes were not found");
    return new ArrayList<>(found);
  }

  private static List<String> judge(String room, String mention) {
    var floors = new HashMap<String, Integer>();
    for (int floor = 0; floor < FLOORS.size(); floor++) {
      for (String name : FLOORS.get(floor)) {
        floors.put(name, floor);
      }
    }
    return ROOM.matcher(mention)
        .results()
        .map(m -> m.group(1))
        .filter(target -> !target.equals(room) && isUpward(floors, room, target))
        .map(target -> room + " -> " + target)
        .toList();
  }

  private static boolean isUpward(Map<String, Integer> floors, String room, String target) {
    return floors.getOrDefault(target, Integer.MAX_VALUE) >= floors.getOrDefault(room, -1);
  }

  private static Path mainClasses() throws URISyntaxException {
    var location =
        dev.hairpin.turnserver.net.Family.class.getProtectionDomain().getCodeSource().getLocation();
    return Path.of(location.toURI());
  }
}
