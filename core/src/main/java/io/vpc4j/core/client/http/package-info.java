/**
 * A {@link java.net.http.HttpClient} over a binding's fetch.
 *
 * <p>What the JDK's own client does is the standard here; where its documentation leaves a choice,
 * what it does was tried out, and the tests run each case through both. What differs is on {@link
 * io.vpc4j.Fetcher#httpClient}.
 *
 * <p>{@link io.vpc4j.core.client.http.HttpCall} is the way of a request: cookies and credentials
 * before, redirects and challenges after. Does not live here: HTTP itself, which is {@code
 * core.fetch}.
 */
package io.vpc4j.core.client.http;
