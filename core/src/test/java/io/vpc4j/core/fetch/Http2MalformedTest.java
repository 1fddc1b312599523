package io.vpc4j.core.fetch;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.vpc4j.ErrorCode;
import io.vpc4j.Limits;
import io.vpc4j.Response;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * What a peer must not send: whose end it is, a stream's or the connection's. RFC 9113 5.4, 8.1.1
 */
class Http2MalformedTest extends Http2EngineTest {

  /** A response that is malformed: its stream's business alone. */
  enum Malformed {
    SWITCHING_PROTOCOLS {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "101");
      }
    },
    NO_STATUS {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, "x-one", "1");
      }
    },
    STATUS_NO_NUMBER {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "2x0");
      }
    },
    STATUS_OF_TWO_DIGITS {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "20");
      }
    },
    INTERIM_THAT_ENDS {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.END_STREAM, ":status", "103");
      }
    },
    UPPER_CASE_NAME {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "X-One", "1");
      }
    },
    CONNECTION_SPECIFIC {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "connection", "close");
      }
    },
    TRANSFER_ENCODING {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "transfer-encoding", "chunked");
      }
    },
    REQUEST_PSEUDO_FIELD {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", ":path", "/");
      }
    },
    LINE_END_IN_A_VALUE {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "x-one", "1\r\nx-two: 2");
      }
    },
    ZERO_IN_A_TRAILER {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200");
        wire.head(stream, Http2Wire.END_STREAM, "x-sum", "1\0");
      }
    },
    BODY_BEFORE_HEAD {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.data(stream, Http2Wire.NONE, "body");
      }
    },
    BODY_BEFORE_HEAD_AND_THE_END {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.data(stream, Http2Wire.END_STREAM, "body");
      }
    },
    BODY_AFTER_AN_INTERIM_HEAD {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "103");
        wire.data(stream, Http2Wire.END_STREAM, "");
      }
    },
    TRAILERS_THAT_DO_NOT_END {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200");
        wire.head(stream, Http2Wire.NONE, "x-sum", "1");
      }
    },
    BODY_SHORTER_THAN_ITS_LENGTH {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "content-length", "5");
        wire.data(stream, Http2Wire.END_STREAM, "four");
      }
    },
    BODY_LONGER_THAN_ITS_LENGTH {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "content-length", "3");
        wire.data(stream, Http2Wire.END_STREAM, "four");
      }
    },
    NO_BODY_BUT_A_LENGTH {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.END_STREAM, ":status", "200", "content-length", "5");
      }
    },
    EMPTY_BODY_BUT_A_LENGTH {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "content-length", "5");
        wire.data(stream, Http2Wire.END_STREAM, "");
      }
    },
    HEAD_OVER_THE_LIMIT {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.head(stream, Http2Wire.NONE, ":status", "200", "x-long", "y".repeat(8_300));
      }
    };

    abstract void say(Http2Wire wire, int stream) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  void aMalformedResponseIsItsStreamsEnd(Malformed malformed) throws Exception {
    engines.limits = Limits.defaults().toBuilder().maxHeaderOctets(8_192).build();
    try (var peer =
        peer(
            wire -> {
              var neighbour = wire.request();
              var asked = wire.request();
              malformed.say(wire, asked.stream());
              wire.resetOf(asked.stream());
              wire.answer(neighbour.stream(), "alive");
            })) {
      var neighbour = start(get(peer, "/neighbour"));
      Engines.until("begun", () -> engines.engine.stats().pool().exchanges() == 1);
      failsWith(ErrorCode.HTTP_PROTOCOL_ERROR, start(get(peer, "/")));
      assertThat(textOf(neighbour)).isEqualTo("alive");
      assertThat(peer.accepted).hasValue(1);
    }
  }

  /** A breach of the connection: everybody's end, with a GOAWAY. */
  enum Breach {
    FRAME_OVER_THE_LIMIT {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.raw(
            (byte) 1,
            (byte) 0,
            (byte) 1,
            (byte) 0,
            (byte) 0,
            (byte) 0,
            (byte) 0,
            (byte) 0,
            (byte) stream);
      }
    },
    DATA_ON_THE_CONNECTION {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.DATA, Http2Wire.NONE, 0, (byte) 1);
      }
    },
    DATA_ON_AN_IDLE_STREAM {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.DATA, Http2Wire.NONE, stream + 100, (byte) 1);
      }
    },
    RESET_OF_AN_IDLE_STREAM {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.reset(stream + 100, Http2Wire.CANCEL);
      }
    },
    A_PUSH_NOBODY_ALLOWED {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.PUSH_PROMISE, Http2Wire.END_HEADERS, stream, new byte[] {0, 0, 0, 2});
      }
    },
    FIELDS_THAT_ARE_NO_HPACK {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.HEADERS, Http2Wire.END_HEADERS, stream, (byte) 0xff, (byte) 0xff);
      }
    },
    A_FRAME_AMID_FIELDS {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.HEADERS, Http2Wire.NONE, stream, Http2Wire.hpack(":status", "200"));
        wire.send(Http2Wire.PING, Http2Wire.NONE, 0, new byte[8]);
      }
    },
    PADDING_OVER_THE_FRAME {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.DATA, Http2Wire.PADDED, stream, (byte) 200, (byte) 1);
      }
    },
    PING_OF_SEVEN {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.PING, Http2Wire.NONE, 0, new byte[7]);
      }
    },
    SETTINGS_OF_FIVE {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.send(Http2Wire.SETTINGS, Http2Wire.NONE, 0, new byte[5]);
      }
    },
    SETTINGS_OUT_OF_RANGE {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.settings(Http2Wire.INITIAL_WINDOW_SIZE, -1);
      }
    },
    A_WINDOW_BY_NOTHING {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.window(0, 0);
      }
    },
    A_WINDOW_OVER_THE_LARGEST {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.window(0, Http2Wire.MAX_WINDOW);
      }
    },
    A_GO_AWAY_THAT_TAKES_BACK {
      @Override
      void say(Http2Wire wire, int stream) throws Exception {
        wire.goAway(stream, Http2Wire.NO_ERROR);
        wire.goAway(stream + 2, Http2Wire.NO_ERROR);
      }
    };

    abstract void say(Http2Wire wire, int stream) throws Exception;
  }

  @ParameterizedTest
  @EnumSource
  void aBreachIsTheConnectionsEnd(Breach breach) throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.accept(with);
              if (with.number > 1) {
                wire.answer(wire.request().stream(), "a new one");
              } else {
                wire.request();
                breach.say(wire, wire.request().stream());
                assertThat(wire.await(Http2Wire.GOAWAY, 0).code()).isNotZero();
              }
              wire.untilEnd();
            })) {
      CompletableFuture<Response> neighbour = start(get(peer, "/neighbour"));
      Engines.until("begun", () -> engines.engine.stats().pool().exchanges() == 1);
      failsWith(ErrorCode.HTTP_PROTOCOL_ERROR, start(get(peer, "/")));
      failsWith(ErrorCode.HTTP_PROTOCOL_ERROR, neighbour);
      assertThat(text(get(peer, "/"))).isEqualTo("a new one");
      assertThat(peer.accepted).hasValue(2);
    }
  }

  @Test
  void whatDoesNotBeginWithSettingsIsNotHttp2() throws Exception {
    try (var peer =
        barePeer(
            with -> {
              var wire = Http2Wire.silent(with);
              wire.request();
              wire.raw("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(US_ASCII));
              wire.untilEnd();
            })) {
      failsWith(ErrorCode.HTTP_PROTOCOL_ERROR, start(get(peer, "/")));
      engines.untilNothingIsLeft();
    }
  }

  @Test
  void aHeadLargerThanThePeerAcceptsIsTheRequestsError() throws Exception {
    try (var peer =
        settledPeer(
            wire -> wire.answer(wire.request().stream(), "alive"),
            Http2Wire.MAX_HEADER_LIST_SIZE,
            1_000)) {
      failsWith(
          ErrorCode.HTTP_REQUEST_ERROR,
          start(to(peer, "/").header("X-Long", "y".repeat(1_000)).build()));
      assertThat(text(get(peer, "/"))).isEqualTo("alive");
      assertThat(peer.accepted).hasValue(1);
    }
  }
}
