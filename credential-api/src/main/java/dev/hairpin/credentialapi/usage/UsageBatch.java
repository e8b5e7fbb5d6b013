package dev.hairpin.credentialapi.usage;

import java.util.List;

/// Rows that are stored together or not at all.
///
/// @param node the process that counted them
/// @param sequence grows from batch to batch of a node, from 1
/// @param rows in the order of their keys
public record UsageBatch(String node, long sequence, List<UsageRow> rows) {
  public UsageBatch {
    rows = List.copyOf(rows);
  }
}
