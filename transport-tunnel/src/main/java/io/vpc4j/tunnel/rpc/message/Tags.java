package io.vpc4j.tunnel.rpc.message;

/** The numbers of messages and answers. [R] Message, Return */
final class Tags {

  static final int UNIMPLEMENTED = 0;
  static final int ABORT = 1;
  static final int CALL = 2;
  static final int RETURN = 3;
  static final int FINISH = 4;
  static final int RELEASE = 6;
  static final int BOOTSTRAP = 8;
  static final int DISEMBARGO = 13;

  static final int RESULTS = 0;
  static final int EXCEPTION = 1;
  static final int CANCELED = 2;

  private Tags() {}
}
