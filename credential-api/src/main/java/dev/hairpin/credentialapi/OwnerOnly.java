package dev.hairpin.credentialapi;

import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/// What files and folders are made with that nobody but their owner is to see.
public final class OwnerOnly {
  public static final FileAttribute<Set<PosixFilePermission>> FILE = attribute("rw-------");
  public static final FileAttribute<Set<PosixFilePermission>> FOLDER = attribute("rwx------");

  private OwnerOnly() {}

  private static FileAttribute<Set<PosixFilePermission>> attribute(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
