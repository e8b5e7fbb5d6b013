package dev.hairpin.credentialapi.storage;

import dev.hairpin.credentialapi.usage.UsageStore;

/// Found by its service file, so that no class outside links to a database's library.
public interface StoreProvider {
  /// Opens a database and makes its tables.
  ///
  /// @throws dev.hairpin.credentialapi.usage.StorageException where that cannot be done now
  UsageStore open(Database database);
}
