package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;

/** A place in the file. Both from 1; 0 if not known. */
record Place(int line, int column) {

  static Place of(ConfigValue value) {
    return new Place(value.line(), value.column());
  }

  static Place of(ConfigValue.Member member) {
    return new Place(member.line(), member.column());
  }
}
