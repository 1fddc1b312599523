package io.vpc4j.core.config.edit;

/** What stands in the text leaves no room for an edit. */
final class CannotEditException extends Exception {

  private static final long serialVersionUID = 1L;

  private final int offset;

  CannotEditException(int offset, String message) {
    super(message);
    this.offset = offset;
  }

  /** Where in the text. */
  int offset() {
    return offset;
  }
}
