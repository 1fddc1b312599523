package io.vpc4j.core.config.edit;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the fields of one element of a list stand in a text, however it is written. */
interface Members {

  /** What a field is set to; null if it is not. */
  @Nullable Node value(String field);

  /** Adds a field that is not there, behind the others. */
  List<Splice> add(String field, Object value) throws CannotEditException;

  /** Takes a field that is there away. */
  List<Splice> remove(String field) throws CannotEditException;
}
