package io.vpc4j.core.config.edit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Of an object in braces, in JSONC or TOML. */
record ObjectMembers(Node object, Containers containers, Rendering rendering) implements Members {

  @Override
  public @Nullable Node value(String field) {
    var entry = object.member(List.of(field));
    return entry == null ? null : entry.value();
  }

  @Override
  public List<Splice> add(String field, Object value) throws CannotEditException {
    if (!object.isObject()) {
      throw new CannotEditException(object.start(), "an object must stand here");
    }
    return containers.add(
        object, (indent, layout) -> rendering.member(List.of(field), value, indent, layout));
  }

  @Override
  public List<Splice> remove(String field) throws CannotEditException {
    var entry = object.member(List.of(field));
    if (entry == null) {
      throw new CannotEditException(object.start(), "\"" + field + "\" is no single value here");
    }
    return containers.remove(object, object.entries().indexOf(entry));
  }
}
