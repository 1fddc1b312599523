/**
 * The client's end of a WebSocket, once HTTP has let go of the connection. RFC 6455
 *
 * <p>Frames are Netty's; what lives here is the opening handshake's check, {@link
 * java.net.http.WebSocket}'s contract (one send at a time, demand, one call of the listener at a
 * time) and the deadlines of the closing handshake. No extension is offered, so none may be
 * answered.
 *
 * <p>Way in: {@link io.vpc4j.core.fetch.websocket.FrameHandler} on the event loop, {@code Incoming}
 * to the application's executor. Way out: {@code ClientWebSocket}, from any thread.
 */
@NullMarked
package io.vpc4j.core.fetch.websocket;

import org.jspecify.annotations.NullMarked;
