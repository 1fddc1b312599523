package io.vpc4j.core.config.directory;

import java.util.Collection;
import java.util.Locale;

/** What somebody may have meant by a word that means nothing. */
final class Guess {

  private Guess() {}

  /**
   * {@code ; did you mean "x"?}, or nothing where no word is near.
   *
   * @param known at most a few thousand; of more, none is looked at
   */
  static String hint(String word, Collection<String> known) {
    if (word.length() > 64 || known.size() > 4_096) {
      return "";
    }
    var plain = plain(word);
    var best = "";
    var nearest = Math.max(1, plain.length() / 3) + 1;
    for (var candidate : known) {
      if (candidate.length() > 64) {
        continue;
      }
      var distance = distance(plain, plain(candidate), nearest);
      if (distance < nearest) {
        nearest = distance;
        best = candidate;
      }
    }
    return best.isEmpty() ? "" : "; did you mean \"" + best + "\"?";
  }

  /** As it would be with neither case nor separators, so that tunnelId is near tunnel_id. */
  private static String plain(String word) {
    return word.toLowerCase(Locale.ROOT).replace("_", "").replace("-", "");
  }

  /** Changes of one character between the two, or {@code limit} if there are as many or more. */
  private static int distance(String a, String b, int limit) {
    if (Math.abs(a.length() - b.length()) >= limit) {
      return limit;
    }
    var row = new int[b.length() + 1];
    for (var j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (var i = 1; i <= a.length(); i++) {
      var diagonal = row[0];
      row[0] = i;
      for (var j = 1; j <= b.length(); j++) {
        var change = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, 1 + Math.min(row[j], row[j - 1]));
      }
    }
    return Math.min(limit, row[b.length()]);
  }
}
