package io.vpc4j.core.fetch.websocket;

import java.io.IOException;
import java.net.http.WebSocket;
import java.util.ArrayDeque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Events on their way to the listener: as many as it asked for, one at a time, on its executor.
 *
 * <p>While there is no demand, or an event waits, the channel is not read: what is held is what one
 * read of it gave, or, with epoll, what was on its way when the far end left. {@link #MAX_EVENTS}
 * bounds that. The lock is held for a few stores, never while the listener runs.
 */
final class Incoming {

  /** 262,144: eight times what one read of 64 KiB can hold. More is a fault of the far end. */
  static final int MAX_EVENTS = 1 << 18;

  private final ClientWebSocket socket;
  private final WebSocket.Listener listener;
  private final Executor executor;

  private final Object lock = new Object();
  private final ArrayDeque<Event> events = new ArrayDeque<>();
  private long demand;
  private @Nullable Throwable failure;
  private boolean opened;
  private boolean running; // a drain is under way, or handed to the executor
  private boolean closing; // the far end's close has been offered: what follows is no news
  private boolean over; // nothing more is told

  Incoming(ClientWebSocket socket, WebSocket.Listener listener, Executor executor) {
    this.socket = socket;
    this.listener = listener;
    this.executor = executor;
  }

  /** Has {@code onOpen} called, and everything else after it. */
  void begin() {
    drainSoon();
  }

  void request(long count) {
    synchronized (lock) {
      demand = demand + count < 0 ? Long.MAX_VALUE : demand + count;
    }
    drainSoon();
    wantsMore();
  }

  void offer(Event event) {
    boolean tooMany;
    synchronized (lock) {
      if (over || closing || failure != null) {
        return;
      }
      tooMany = events.size() == MAX_EVENTS;
      if (!tooMany) {
        events.add(event);
        closing = event instanceof Event.Close;
      }
    }
    if (tooMany) {
      var why = "more than " + MAX_EVENTS + " frames came that nobody has asked for";
      fail(new IOException(why), ClientWebSocket.TOO_MUCH);
    } else {
      drainSoon();
    }
  }

  /**
   * Ends the connection for a fault; the first one counts.
   *
   * @param statusCode what the far end is told; {@link ClientWebSocket#SILENT} for nothing
   */
  void fail(Throwable why, int statusCode) {
    var ours = socket.takeOutput(); // a listener that hears of it finds the output closed
    synchronized (lock) {
      if (failure == null) {
        failure = why;
      }
    }
    socket.disconnect(ours ? statusCode : ClientWebSocket.SILENT);
    drainSoon();
  }

  /** The connection itself failed: an error, unless the far end had said good-bye. */
  void connectionFailed(Throwable why) {
    boolean news;
    synchronized (lock) {
      news = !closing;
    }
    if (news) {
      fail(why, ClientWebSocket.SILENT);
    } else {
      socket.takeOutput();
      socket.disconnect(ClientWebSocket.SILENT);
    }
  }

  /** Tells nothing more. */
  void abort() {
    synchronized (lock) {
      over = true;
      events.clear();
    }
  }

  /** Reads from the channel if what it gives is wanted. */
  void wantsMore() {
    boolean wanted;
    synchronized (lock) {
      wanted = demand > 0 && events.isEmpty() && !closing && !over && failure == null;
    }
    if (wanted) {
      socket.read();
    }
  }

  /** Runs what completes the application's futures: not on the event loop. */
  void execute(Runnable completion) {
    try {
      executor.execute(completion);
    } catch (RejectedExecutionException e) {
      ForkJoinPool.commonPool().execute(completion);
    }
  }

  // ---- to the listener

  private void drainSoon() {
    synchronized (lock) {
      if (running || over) {
        return;
      }
      running = true;
    }
    try {
      executor.execute(this::drain);
    } catch (RejectedExecutionException e) {
      abort(); // the application has shut its executor down: nobody is left to be told
      socket.abort();
    }
  }

  private void drain() {
    while (true) {
      Event event = null;
      Throwable why = null;
      var first = false;
      synchronized (lock) {
        if (over) {
          running = false;
          return;
        }
        if (!opened) {
          opened = true;
          first = true;
        } else if (demand > 0 && !events.isEmpty()) {
          demand--;
          event = events.poll();
          over = event instanceof Event.Close;
        } else if (failure != null) {
          why = failure; // with events that nobody asked for: they never will
          over = true;
        } else {
          running = false;
          break;
        }
      }
      if (first) {
        guarded(() -> listener.onOpen(socket));
      } else if (event != null) {
        tell(event);
      } else if (why != null) {
        tellFailure(why);
      }
    }
    wantsMore();
  }

  private void tell(Event event) {
    guarded(
        () -> {
          if (event instanceof Event.Text text) {
            watch(listener.onText(socket, text.part(), text.last()));
          } else if (event instanceof Event.Binary binary) {
            watch(listener.onBinary(socket, binary.part(), binary.last()));
          } else if (event instanceof Event.Ping ping) {
            watch(listener.onPing(socket, ping.message()));
          } else if (event instanceof Event.Pong pong) {
            watch(listener.onPong(socket, pong.message()));
          } else if (event instanceof Event.Close close) {
            socket.inputIsClosed();
            var stage = listener.onClose(socket, close.statusCode(), close.reason());
            if (stage == null) {
              socket.reply(close.statusCode());
            } else {
              stage.whenComplete((ignored, e) -> socket.reply(close.statusCode()));
            }
          }
        });
  }

  private void watch(@Nullable CompletionStage<?> stage) {
    if (stage != null) {
      stage.whenComplete(
          (ignored, e) -> {
            if (e != null) {
              broken(e);
            }
          });
    }
  }

  private void guarded(Runnable call) {
    try {
      call.run();
    } catch (RuntimeException | Error e) {
      broken(e);
    }
  }

  /** The listener threw: it hears of it, and the connection ends. */
  private void broken(Throwable e) {
    fail(e, ClientWebSocket.UNEXPECTED);
  }

  private void tellFailure(Throwable why) {
    socket.inputIsClosed();
    try {
      listener.onError(socket, why);
    } catch (RuntimeException e) {
      // It has been told; there is nobody else.
    }
  }
}
