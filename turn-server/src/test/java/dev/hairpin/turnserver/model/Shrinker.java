package dev.hairpin.turnserver.model;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/// Makes a failing sequence short: leaves out ever smaller runs of steps, then makes single steps
/// simpler, as long as it goes on failing.
final class Shrinker {
  private Shrinker() {}

  static List<Step> shrink(List<Step> failing, Predicate<List<Step>> fails) {
    var best = List.copyOf(failing);
    boolean changed = true;
    while (changed) {
      var shorter = leaveOut(best, fails);
      var simpler = simplify(shorter, fails);
      changed = !simpler.equals(best);
      best = simpler;
    }
    return best;
  }

  private static List<Step> leaveOut(List<Step> steps, Predicate<List<Step>> fails) {
    var best = steps;
    for (int run = Math.max(1, best.size() / 2); run > 0; run /= 2) {
      for (int from = 0; from + run <= best.size(); ) {
        var less = new ArrayList<>(best.subList(0, from));
        less.addAll(best.subList(from + run, best.size()));
        if (fails.test(less)) {
          best = less;
        } else {
          from++;
        }
      }
    }
    return best;
  }

  private static List<Step> simplify(List<Step> steps, Predicate<List<Step>> fails) {
    var best = new ArrayList<>(steps);
    for (int i = 0; i < best.size(); i++) {
      for (var simpler : best.get(i).simpler()) {
        var tried = new ArrayList<>(best);
        tried.set(i, simpler);
        if (fails.test(tried)) {
          best = tried;
          break;
        }
      }
    }
    return best;
  }
}
