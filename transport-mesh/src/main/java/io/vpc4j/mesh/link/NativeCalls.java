package io.vpc4j.mesh.link;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The system's own functions and memory that it may write to, by {@code java.lang.foreign}, which
 * JDK 22 and newer have and what is compiled for 17 finds by name. Nothing here is called for a
 * packet: what is, is a {@link MethodHandle} of primitives.
 *
 * <p>Used only where whoever started the JVM has allowed this module native access: else the JDK
 * would print a warning, and a later one refuse.
 */
final class NativeCalls {

  /** The JDK with {@code java.lang.foreign}, no preview any more. */
  private static final int FOREIGN_SINCE = 22;

  /** Both lay structures out alike: 64 bits, little-endian, everything aligned to its size. */
  private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64", "arm64");

  private static final Map<Class<?>, String> LAYOUTS =
      Map.of(int.class, "JAVA_INT", long.class, "JAVA_LONG");

  private NativeCalls() {}

  /** Why there are none here; null if there are. */
  static @Nullable String absence() {
    if (Runtime.version().feature() < FOREIGN_SINCE) {
      return "the JDK is older than " + FOREIGN_SINCE;
    }
    if (!System.getProperty("os.name", "").equals("Linux")
        || !ARCHITECTURES.contains(System.getProperty("os.arch", ""))
        || ByteOrder.nativeOrder() != ByteOrder.LITTLE_ENDIAN) {
      return "the system is not Linux on x86-64 or aarch64";
    }
    var module = NativeCalls.class.getModule();
    try {
      if (!(boolean) Module.class.getMethod("isNativeAccessEnabled").invoke(module)) {
        return "no --enable-native-access="
            + (module.isNamed() ? module.getName() : "ALL-UNNAMED")
            + " was given";
      }
    } catch (ReflectiveOperationException e) {
      return e.toString();
    }
    return null;
  }

  /** Memory outside of the heap, all zeros, of the thread that made it, until it is closed. */
  static final class Memory implements AutoCloseable {
    private final Object arena;
    private final Object segment;

    /** Its octets, in the machine's order. Using them when they are gone throws. */
    final ByteBuffer octets;

    /** Where they are. */
    final long address;

    /**
     * Allocates.
     *
     * @throws UnsupportedOperationException if {@link #absence} is not null
     */
    Memory(int size) {
      try {
        var arenas = foreign("Arena");
        arena = get(arenas.getMethod("ofConfined").invoke(null));
        segment =
            get(
                arenas
                    .getMethod("allocate", long.class, long.class)
                    .invoke(arena, (long) size, (long) Long.BYTES));
        var segments = foreign("MemorySegment");
        octets =
            ((ByteBuffer) get(segments.getMethod("asByteBuffer").invoke(segment)))
                .order(ByteOrder.nativeOrder());
        address = (long) get(segments.getMethod("address").invoke(segment));
      } catch (ReflectiveOperationException e) {
        throw unsupported(e);
      }
    }

    @Override
    public void close() {
      try {
        foreign("Arena").getMethod("close").invoke(arena);
      } catch (ReflectiveOperationException e) {
        throw unsupported(e);
      }
    }
  }

  /**
   * A function of the C library that sets {@code errno}.
   *
   * @param errno 4 octets or more, which get it after each call
   * @param arguments {@code int.class} and {@code long.class}, the latter for pointers and sizes
   * @return takes them, gives an {@code int}; to be called by the thread of {@code errno}
   * @throws UnsupportedOperationException if there is none, or {@link #absence} is not null
   */
  static MethodHandle function(String name, Memory errno, Class<?>... arguments) {
    try {
      var linker = get(foreign("Linker").getMethod("nativeLinker").invoke(null));
      var lookup = get(foreign("Linker").getMethod("defaultLookup").invoke(linker));
      var found = foreign("SymbolLookup").getMethod("find", String.class).invoke(lookup, name);
      var symbol = ((Optional<?>) get(found)).orElseThrow();
      var layouts = Array.newInstance(foreign("MemoryLayout"), arguments.length);
      for (var i = 0; i < arguments.length; i++) {
        Array.set(layouts, i, layout(arguments[i]));
      }
      var descriptor =
          get(
              foreign("FunctionDescriptor")
                  .getMethod("of", foreign("MemoryLayout"), layouts.getClass())
                  .invoke(null, layout(int.class), layouts));
      var options = Array.newInstance(foreign("Linker$Option"), 1);
      Array.set(
          options,
          0,
          foreign("Linker$Option")
              .getMethod("captureCallState", String[].class)
              .invoke(null, (Object) new String[] {"errno"}));
      Method downcall =
          foreign("Linker")
              .getMethod(
                  "downcallHandle",
                  foreign("MemorySegment"),
                  foreign("FunctionDescriptor"),
                  options.getClass());
      var handle = (MethodHandle) get(downcall.invoke(linker, symbol, descriptor, options));
      return MethodHandles.insertArguments(handle, 0, errno.segment);
    } catch (ReflectiveOperationException | NoSuchElementException e) {
      throw unsupported(e);
    }
  }

  private static Object layout(Class<?> type) throws ReflectiveOperationException {
    return get(foreign("ValueLayout").getField(get(LAYOUTS.get(type))).get(null));
  }

  private static Class<?> foreign(String name) throws ClassNotFoundException {
    return Class.forName("java.lang.foreign." + name);
  }

  private static <T> T get(@Nullable T value) {
    if (value == null) {
      throw new NoSuchElementException("java.lang.foreign is not what it was");
    }
    return value;
  }

  private static UnsupportedOperationException unsupported(Exception e) {
    var cause = e instanceof InvocationTargetException thrown ? thrown.getCause() : e;
    return new UnsupportedOperationException(cause);
  }
}
