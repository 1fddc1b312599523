package io.vpc4j.mesh.netstack;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Flows by when they want to be called, the earliest first: a binary heap that knows each flow's
 * place.
 *
 * <p>A deadline that moves away is left where it is; the flow is then called too early once, says
 * its new deadline, and sinks. TCP moves its timer away with every acknowledgment, so that the heap
 * is touched about once a round trip rather than once a segment.
 */
final class DeadlineHeap {

  private @Nullable Flow[] heap = new Flow[64];
  private int size;

  /** The flow wants to be called at {@code deadlineNs}, or not at all. */
  void schedule(Flow flow, long deadlineNs) {
    if (flow.heapIndex >= 0) {
      if (deadlineNs - flow.wakeNs < 0 && deadlineNs != Long.MAX_VALUE) {
        flow.wakeNs = deadlineNs;
        up(flow.heapIndex);
      }
      return;
    }
    if (deadlineNs == Long.MAX_VALUE) {
      return;
    }
    if (size == heap.length) {
      heap = Arrays.copyOf(heap, 2 * size);
    }
    flow.wakeNs = deadlineNs;
    put(size, flow);
    up(size++);
  }

  /** The first flow whose time has come, taken out; null if there is none. */
  @Nullable Flow pollDue(long nowNs) {
    var first = heap[0];
    if (first == null || nowNs - first.wakeNs < 0) {
      return null;
    }
    remove(first);
    return first;
  }

  void remove(Flow flow) {
    var at = flow.heapIndex;
    if (at < 0) {
      return;
    }
    flow.heapIndex = -1;
    var last = heap[--size];
    heap[size] = null;
    if (at < size && last != null) {
      put(at, last);
      up(at);
      down(last.heapIndex);
    }
  }

  /** When the first is due, or {@link Long#MAX_VALUE}. */
  long deadlineNs() {
    var first = heap[0];
    return first == null ? Long.MAX_VALUE : first.wakeNs;
  }

  int size() {
    return size;
  }

  private void up(int from) {
    var at = from;
    while (at > 0 && before(at, (at - 1) / 2)) {
      swap(at, (at - 1) / 2);
      at = (at - 1) / 2;
    }
  }

  private void down(int from) {
    var at = from;
    while (true) {
      var child = 2 * at + 1;
      if (child >= size) {
        return;
      }
      if (child + 1 < size && before(child + 1, child)) {
        child++;
      }
      if (!before(child, at)) {
        return;
      }
      swap(child, at);
      at = child;
    }
  }

  private boolean before(int a, int b) {
    return flow(a).wakeNs - flow(b).wakeNs < 0;
  }

  private void swap(int a, int b) {
    var first = flow(a);
    put(a, flow(b));
    put(b, first);
  }

  private Flow flow(int at) {
    var flow = heap[at];
    if (flow == null) {
      throw new IllegalStateException("a hole in the heap at " + at);
    }
    return flow;
  }

  private void put(int at, Flow flow) {
    heap[at] = flow;
    flow.heapIndex = at;
  }
}
