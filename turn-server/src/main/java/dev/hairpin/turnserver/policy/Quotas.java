package dev.hairpin.turnserver.policy;

import dev.hairpin.turnserver.credential.Account;
import dev.hairpin.turnserver.credential.CredentialScope;
import dev.hairpin.turnserver.credential.CredentialUsername;
import dev.hairpin.turnserver.net.IpAddress;
import dev.hairpin.turnserver.net.IpPrefix;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// How many allocations and reserved ports everybody has, for all loops; touched where one begins
/// or ends. There is an entry for whom something is held, and for nobody else: strangers leave no
/// trace.
public final class Quotas {
  private final QuotaSettings settings;
  private final Descriptors descriptors;
  private volatile Map<String, QuotaSettings> tenants = Map.of();
  private final ConcurrentHashMap<Holder, Held> held = new ConcurrentHashMap<>();
  private final ByteBudgets budgets = new ByteBudgets();

  public Quotas(QuotaSettings settings, Descriptors descriptors) {
    this.settings = settings;
    this.descriptors = descriptors;
  }

  /// Grants by these quotas from now on; a tenant's `perRealm` is for all of its users together.
  /// Sources and bandwidths are the server's.
  public void follow(Map<String, QuotaSettings> ofTenants) {
    tenants = Map.copyOf(ofTenants);
  }

  /// Who is counted.
  public sealed interface Holder {
    record Realm() implements Holder {}

    /// All users of one tenant.
    record Tenant(String name) implements Holder {}

    record User(Account account) implements Holder {}

    /// Reserved ports alone, which count among the user's allocations too.
    record Reserver(Account account) implements Holder {}

    record Source(IpPrefix prefix) implements Holder {}
  }

  /// @param toPeers what a user may carry, where that is limited
  private record Held(int count, @Nullable TokenBucket toPeers, @Nullable TokenBucket toClient) {
    Held with(int newCount) {
      return new Held(newCount, toPeers, toClient);
    }
  }

  /// An allocation, or null where a quota is full, or the credential has no bytes left.
  ///
  /// @param endNanos when an allocation of this credential is to end
  /// @param redeems whether it takes the place of a reserved port of the same user
  public @Nullable Unit allocation(
      CredentialUsername owner, long endNanos, IpAddress source, boolean redeems, long nowNanos) {
    var unit = new Unit(owner.scope());
    var from = new Holder.Source(IpPrefix.ofSource(source));
    boolean granted =
        unit.enter(owner.account(), redeems ? 1 : 0, nowNanos)
            && (source.isLoopback() || unit.enter(from, 0, nowNanos))
            && unit.limit(owner, endNanos, nowNanos);
    return granted ? unit : unit.refused();
  }

  /// A reserved port, or null where a quota is full.
  public @Nullable Unit reservation(CredentialUsername owner, long nowNanos) {
    var unit = new Unit(owner.scope());
    boolean granted =
        unit.enter(new Holder.Reserver(owner.account()), 0, nowNanos)
            && unit.enter(owner.account(), 0, nowNanos);
    return granted ? unit : unit.refused();
  }

  private long limitOf(Holder holder, CredentialScope scope) {
    var its = tenants.getOrDefault(scope.tenant(), settings);
    long limit =
        switch (holder) {
          case Holder.Realm _ -> settings.perRealm();
          case Holder.Tenant _ -> its.perRealm();
          case Holder.User _ -> stricter(its.perUser(), scope.allocations());
          case Holder.Reserver _ -> its.reservationsPerUser();
          case Holder.Source _ -> settings.perSource();
        };
    return limit == 0 ? Long.MAX_VALUE : limit;
  }

  /// The smaller one; 0 is no limit.
  private static long stricter(long one, long other) {
    return one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
  }

  private Held first(Holder holder, long nowNanos) {
    int rate = holder instanceof Holder.User ? settings.userBytesPerSecond() : 0;
    return new Held(1, bucket(rate, nowNanos), bucket(rate, nowNanos));
  }

  private static @Nullable TokenBucket bucket(int bytesPerSecond, long nowNanos) {
    return bytesPerSecond == 0 ? null : new TokenBucket(bytesPerSecond, nowNanos);
  }

  private void leave(Holder holder) {
    held.computeIfPresent(
        holder, (_, before) -> before.count() == 1 ? null : before.with(before.count() - 1));
  }

  /// What somebody has now.
  public int heldBy(Holder holder) {
    var now = held.get(holder);
    return now == null ? 0 : now.count();
  }

  /// The most that anybody of a kind has now.
  public int most(Class<? extends Holder> kind) {
    return held.reduceEntriesToInt(
        Long.MAX_VALUE, e -> kind.isInstance(e.getKey()) ? e.getValue().count() : 0, 0, Math::max);
  }

  public Descriptors descriptors() {
    return descriptors;
  }

  /// One allocation or reserved port, in every quota that it counts in. It belongs to one owner and
  /// ends with it.
  public final class Unit {
    private final List<Holder> holders = new ArrayList<>(4);
    private @Nullable Bandwidth toPeers;
    private @Nullable Bandwidth toClient;
    private final CredentialScope scope;

    private Unit(CredentialScope scope) {
      this.scope = scope;
    }

    private boolean enter(Account account, int grace, long nowNanos) {
      String tenant = account.tenant();
      return enter(new Holder.Realm(), grace, nowNanos)
          && (tenant.isEmpty() || enter(new Holder.Tenant(tenant), grace, nowNanos))
          && enter(new Holder.User(account), grace, nowNanos);
    }

    /// Compared and counted in one step: however many loops do so at once, nobody has more.
    private boolean enter(Holder holder, int grace, long nowNanos) {
      long limit = limitOf(holder, scope);
      int entered = holders.size();
      held.compute(
          holder,
          (_, before) -> {
            if (before != null && before.count() - grace >= limit) {
              return before;
            }
            holders.add(holder);
            return before == null ? first(holder, nowNanos) : before.with(before.count() + 1);
          });
      return holders.size() > entered;
    }

    private @Nullable Unit refused() {
      release();
      return null;
    }

    /// False where the credential has no bytes left.
    private boolean limit(CredentialUsername owner, long endNanos, long nowNanos) {
      ByteBudget budget = null;
      if (scope.bytes() > 0) {
        var left = budgets.of(owner, endNanos, nowNanos);
        if (left.get() <= 0) {
          return false;
        }
        budget = new ByteBudget(left);
      }
      int rate = (int) stricter(settings.allocationBytesPerSecond(), scope.bytesPerSecond());
      var users = held.get(new Holder.User(owner.account()));
      if (users != null && (rate > 0 || users.toPeers() != null || budget != null)) {
        toPeers = new Bandwidth(bucket(rate, nowNanos), users.toPeers(), budget);
        toClient = new Bandwidth(bucket(rate, nowNanos), users.toClient(), budget);
      }
      return true;
    }

    /// Null where it is not limited.
    public @Nullable Bandwidth toPeers() {
      return toPeers;
    }

    /// Null where it is not limited.
    public @Nullable Bandwidth toClient() {
      return toClient;
    }

    /// The second call does nothing.
    public void release() {
      holders.forEach(Quotas.this::leave);
      holders.clear();
    }
  }
}
