package dev.hairpin.turnserver.conformance;

import java.util.List;

/// The rows about one message, under a heading.
record Chapter(String title, List<Row> rows) {
  static List<Chapter> all() {
    return List.of(
        new Chapter("Binding, and what is not for a server", MessageRows.list()),
        new Chapter("Allocate", AllocateRows.list()),
        new Chapter("Allocate: even ports and reservations", ReservationRows.list()),
        new Chapter("Allocate: both address families", DualRows.list()),
        new Chapter("Refresh", RefreshRows.list()),
        new Chapter("CreatePermission", PermissionRows.list()),
        new Chapter("ChannelBind", ChannelBindRows.list()),
        new Chapter("Send indications and ChannelData", DataRows.list()),
        new Chapter("TCP allocations", TcpRows.list()));
  }
}
