package io.vpc4j.tunnel.connector.serve;

import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPromise;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.DefaultLastHttpContent;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request over HTTP/2, in the objects that the codec of HTTP/1.1 has for it: the first handler
 * of a stream's channel. RFC 9113 8
 *
 * <p>A head without a body ends the stream by itself, if it is written together with its {@link
 * LastHttpContent}. Interim responses are passed over. Why a stream ended early is told after all
 * that came before its end has been read: {@link Untouched}, or what the origin gave as its reason.
 */
final class OriginHttp2Codec extends ChannelDuplexHandler {

  /** Belong to one connection of HTTP/1.1, or have a form of their own. RFC 9113 8.2.2, 8.3.1 */
  private static final Set<String> NOT_SENT =
      Set.of(
          "connection", "host", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade");

  private @Nullable Http2Headers head;
  private boolean answered;
  private @Nullable IOException endedBy;

  // ---- the request

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof HttpRequest request) {
      head = fields(request);
      promise.trySuccess();
    } else if (message instanceof HttpContent content) {
      var last = content instanceof LastHttpContent;
      if (last && head != null && !content.content().isReadable()) {
        content.release();
        ctx.write(new DefaultHttp2HeadersFrame(takeHead(), true), promise);
      } else {
        writeHead(ctx);
        ctx.write(new DefaultHttp2DataFrame(content.content(), last), promise);
      }
    } else {
      ReferenceCountUtil.release(message);
      promise.tryFailure(new IOException("no part of a request: " + message.getClass()));
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    writeHead(ctx);
    ctx.flush();
  }

  private void writeHead(ChannelHandlerContext ctx) {
    if (head != null) {
      ctx.write(new DefaultHttp2HeadersFrame(takeHead(), false), ctx.voidPromise());
    }
  }

  private Http2Headers takeHead() {
    var taken = head;
    head = null;
    if (taken == null) {
      throw new IllegalStateException("no head");
    }
    return taken;
  }

  private static Http2Headers fields(HttpRequest request) {
    var fields = new DefaultHttp2Headers(false, 8 + 2 * request.headers().size());
    fields.method(request.method().asciiName());
    fields.scheme("https");
    fields.authority(request.headers().get(HttpHeaderNames.HOST, ""));
    fields.path(request.uri());
    for (var field : request.headers()) {
      var name = field.getKey().toLowerCase(Locale.ROOT);
      if (name.equals("te")) {
        if (field.getValue().toLowerCase(Locale.ROOT).contains("trailers")) {
          fields.set("te", "trailers"); // RFC 9113 8.2.2: nothing else
        }
      } else if (!NOT_SENT.contains(name)) {
        fields.add(name, field.getValue());
      }
    }
    return fields;
  }

  // ---- the response

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (message instanceof Http2DataFrame data) {
      if (!answered) {
        data.release();
        malformed(ctx, "octets before the head");
      } else if (data.isEndStream()) {
        ctx.fireChannelRead(new DefaultLastHttpContent(data.content()));
      } else {
        ctx.fireChannelRead(new DefaultHttpContent(data.content()));
      }
    } else if (message instanceof Http2HeadersFrame fields) {
      try {
        onFields(ctx, fields);
      } catch (IllegalArgumentException e) {
        malformed(ctx, String.valueOf(e.getMessage()));
      }
    } else {
      ReferenceCountUtil.release(message);
    }
  }

  private void onFields(ChannelHandlerContext ctx, Http2HeadersFrame frame) {
    if (answered) {
      if (!frame.isEndStream()) {
        throw new IllegalArgumentException("trailers that are not the end");
      }
      var last = new DefaultLastHttpContent();
      copy(frame.headers(), last.trailingHeaders());
      ctx.fireChannelRead(last);
      return;
    }
    var status = status(frame.headers());
    if (status == 101 || (status < 200 && frame.isEndStream())) {
      throw new IllegalArgumentException("a status of " + status); // RFC 9113 8.1, 8.6
    }
    if (status < 200) {
      return; // the real one follows. RFC 9110 15.2
    }
    answered = true;
    var response =
        new DefaultHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status));
    copy(frame.headers(), response.headers());
    ctx.fireChannelRead(response);
    if (frame.isEndStream()) {
      ctx.fireChannelRead(LastHttpContent.EMPTY_LAST_CONTENT);
    }
  }

  private static int status(Http2Headers fields) {
    var status = fields.status();
    if (status == null || !status.toString().matches("[1-9][0-9]{2}")) {
      throw new IllegalArgumentException("no status");
    }
    return Integer.parseInt(status.toString());
  }

  /** All but the pseudo-fields; names and values are checked as they are added. */
  private static void copy(Http2Headers from, HttpHeaders to) {
    for (Map.Entry<CharSequence, CharSequence> field : from) {
      if (field.getKey().length() > 0 && field.getKey().charAt(0) != ':') {
        to.add(field.getKey().toString(), field.getValue().toString());
      }
    }
  }

  private static void malformed(ChannelHandlerContext ctx, String why) {
    ctx.fireExceptionCaught(new IOException("its response is not HTTP/2: " + why));
  }

  // ---- the end

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      onReset(reset.errorCode());
    } else if (event instanceof Http2GoAwayFrame) {
      ReferenceCountUtil.release(event);
      endedBy = new Untouched("it is going away, and did not look at the request");
    } else {
      ctx.fireUserEventTriggered(event);
    }
  }

  /** NO_ERROR says only that the rest of the request is not wanted. RFC 9113 8.1 */
  private void onReset(long code) {
    if (code == Http2Error.REFUSED_STREAM.code()) {
      endedBy = new Untouched("it refused the stream");
    } else if (code != Http2Error.NO_ERROR.code()) {
      var name = Http2Error.valueOf(code);
      endedBy = new IOException("it ended the stream with " + (name == null ? code : name));
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    var why = endedBy;
    if (why != null) {
      endedBy = null;
      ctx.fireExceptionCaught(why);
    }
    ctx.fireChannelInactive();
  }
}
