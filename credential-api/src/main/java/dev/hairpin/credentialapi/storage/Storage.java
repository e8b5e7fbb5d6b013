package dev.hairpin.credentialapi.storage;

import dev.hairpin.credentialapi.usage.StorageException;
import dev.hairpin.credentialapi.usage.UsageStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Opens the database. In the distribution, what only databases need lies in a folder beside the
/// other libraries: on the class path it would cost every process some megabytes of memory at its
/// start, and the HTTP server would find beans in it. Elsewhere it is on the class path.
public final class Storage implements Supplier<UsageStore> {
  private final Database database;
  private @Nullable StoreProvider provider;

  public Storage(Database database) {
    this.database = database;
  }

  @Override
  public UsageStore get() {
    try {
      if (provider == null) {
        provider = provider();
      }
      return provider.open(database);
    } catch (LinkageError | ServiceConfigurationError e) {
      throw new StorageException("the libraries for databases do not load: " + e);
    }
  }

  private static StoreProvider provider() {
    return ServiceLoader.load(StoreProvider.class, loader())
        .findFirst()
        .orElseThrow(() -> new StorageException("the libraries for databases are missing"));
  }

  private static ClassLoader loader() {
    var ours = Storage.class;
    try {
      var here = Path.of(ours.getProtectionDomain().getCodeSource().getLocation().toURI());
      var folder = here.resolveSibling("storage");
      return Files.isRegularFile(here) && Files.isDirectory(folder)
          ? new Apart(here, folder, ours.getClassLoader())
          : ours.getClassLoader();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Has the libraries of a folder, and loads the classes that use them itself.
  private static final class Apart extends URLClassLoader {
    private static final String USERS = Storage.class.getPackageName() + ".jdbc.";

    Apart(Path own, Path folder, ClassLoader parent) throws IOException {
      super(urls(own, folder), parent);
    }

    private static URL[] urls(Path own, Path folder) throws IOException {
      var urls = new ArrayList<URL>();
      urls.add(own.toUri().toURL());
      try (var jars = Files.newDirectoryStream(folder, "*.jar")) {
        for (var jar : jars) {
          urls.add(jar.toUri().toURL());
        }
      }
      return urls.toArray(URL[]::new);
    }

    @Override
    protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
      if (!name.startsWith(USERS)) {
        return super.loadClass(name, resolve);
      }
      synchronized (getClassLoadingLock(name)) {
        var loaded = findLoadedClass(name);
        return loaded == null ? findClass(name) : loaded;
      }
    }
  }
}
