package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;

/** wrangler would end in a {@code TypeError} here; we refuse the file with a sentence instead. */
final class WranglerCrash extends Exception {

  private static final long serialVersionUID = 1L;

  private final transient Place place;

  WranglerCrash(String message, Place place) {
    super(message);
    this.place = place;
  }

  WranglerCrash(String message, ConfigValue at) {
    this(message, Place.of(at));
  }

  Place place() {
    return place;
  }
}
