import org.jspecify.annotations.NullMarked;

/**
 * What other programs' configuration can name: classes that a driver makes by itself, told in a
 * JDBC URL for one, and that find the {@link io.vpc4j.Vpc} without being handed it.
 *
 * <p>It needs the API alone: no driver, no transport. What a program can be handed by its own code,
 * {@link io.vpc4j.Fetcher#socketFactory} for one, does not belong here.
 */
@NullMarked
module io.vpc4j.clients {
  requires transitive io.vpc4j.api;
  requires static transitive org.jspecify;

  exports io.vpc4j.clients;
}
