package dev.hairpin.credentialapi.usage;

import java.util.List;

/// Where usage is kept. One thread calls at a time, and may have to wait for some seconds; every
/// call throws [StorageException] where the database does not do its part.
public interface UsageStore extends AutoCloseable {
  /// Adds a batch to what is there, once, however often it is called with the same batch.
  void add(UsageBatch batch);

  /// In the order of time, tenant and user.
  List<UsageRow> find(UsageQuery query);

  /// Forgets some of what is older, a little at each call.
  void prune(long beforeSeconds);

  @Override
  void close();
}
