package io.vpc4j.clients;

import java.sql.DriverManager;

/** A program that was there before: it knows JDBC and a URL, and nothing of this project. */
final class ExistingProgram {

  private ExistingProgram() {}

  /** Prints what a query gives; arguments: the URL and the query. */
  public static void main(String[] arguments) throws Exception {
    try (var connection = DriverManager.getConnection(arguments[0]);
        var statement = connection.createStatement();
        var rows = statement.executeQuery(arguments[1])) {
      while (rows.next()) {
        System.out.println(rows.getString(1));
      }
    }
  }
}
