package io.vpc4j.core.config;

/** Counts what a document may cost: the bounds of {@link ConfigDocument}, for both readers. */
final class ReadBudget {

  private final String fileName;
  private int values;

  ReadBudget(String fileName) {
    this.fileName = fileName;
  }

  /** One more value, at this place. */
  void value(int line, int column) throws ConfigDocumentException {
    if (++values > ConfigDocument.MAX_VALUES) {
      throw new ConfigDocumentException(
          fileName,
          line,
          column,
          "the document has more than " + ConfigDocument.MAX_VALUES + " values");
    }
  }

  /** Something {@code depth} levels deep begins at this place. */
  void depth(int depth, int line, int column) throws ConfigDocumentException {
    if (depth > ConfigDocument.MAX_DEPTH) {
      throw new ConfigDocumentException(
          fileName,
          line,
          column,
          "the document is nested deeper than " + ConfigDocument.MAX_DEPTH + " levels");
    }
  }
}
