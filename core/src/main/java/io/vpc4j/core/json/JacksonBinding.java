package io.vpc4j.core.json;

import io.vpc4j.spi.JsonBinding;
import java.io.IOException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@link JsonBinding} over {@code tools.jackson.databind}, an optional dependency.
 *
 * <p>The mapper is apart, so that this class loads where Jackson is absent.
 */
public final class JacksonBinding implements JsonBinding {

  /** For {@link java.util.ServiceLoader}. */
  public JacksonBinding() {}

  @Override
  public boolean available() {
    try {
      Mapper.INSTANCE.version();
      return true;
    } catch (LinkageError e) {
      return false;
    }
  }

  @Override
  public <T> T read(byte[] json, Class<T> type) throws IOException {
    try {
      return Mapper.INSTANCE.readValue(json, type);
    } catch (JacksonException e) {
      throw new IOException(
          "the body does not read as " + type.getName() + ": " + e.getMessage(), e);
    }
  }

  private static final class Mapper {
    static final JsonMapper INSTANCE = JsonMapper.builder().build();
  }
}
