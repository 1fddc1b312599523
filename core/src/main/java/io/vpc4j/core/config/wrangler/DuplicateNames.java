package io.vpc4j.core.config.wrangler;

import io.vpc4j.core.config.ConfigValue;
import io.vpc4j.core.config.ConfigValue.ArrayValue;
import io.vpc4j.core.config.ConfigValue.StringValue;
import io.vpc4j.core.config.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A name may stand for one binding only, across all products. */
final class DuplicateNames {

  /** The fields that give names, in wrangler's order, and what a binding of each is called. */
  private static final Map<String, String> KINDS = new LinkedHashMap<>();

  static {
    KINDS.put("data_blobs", "Data Blob");
    KINDS.put("durable_objects", "Durable Object");
    KINDS.put("kv_namespaces", "KV Namespace");
    KINDS.put("send_email", "Send Email");
    KINDS.put("queues", "Queue");
    KINDS.put("d1_databases", "D1 Database");
    KINDS.put("vectorize", "Vectorize Index");
    KINDS.put("ai_search_namespaces", "AI Search Namespace");
    KINDS.put("ai_search", "AI Search Instance");
    KINDS.put("websearch", "Web Search");
    KINDS.put("agent_memory", "Agent Memory");
    KINDS.put("hyperdrive", "Hyperdrive Config");
    KINDS.put("r2_buckets", "R2 Bucket");
    KINDS.put("logfwdr", "logfwdr");
    KINDS.put("services", "Worker");
    KINDS.put("analytics_engine_datasets", "Analytics Engine Dataset");
    KINDS.put("text_blobs", "Text Blob");
    KINDS.put("browser", "Browser Run");
    KINDS.put("ai", "AI");
    KINDS.put("images", "Images");
    KINDS.put("stream", "Stream");
    KINDS.put("media", "Media");
    KINDS.put("version_metadata", "Worker Version Metadata");
    KINDS.put("unsafe", "Unsafe Metadata");
    KINDS.put("vars", "Environment Variable");
    KINDS.put("wasm_modules", "Wasm Module");
    KINDS.put("dispatch_namespaces", "Dispatch Namespace");
    KINDS.put("mtls_certificates", "mTLS Certificate");
    KINDS.put("workflows", "Workflow");
    KINDS.put("pipelines", "Pipeline");
    KINDS.put("secrets_store_secrets", "Secrets Store Secret");
    KINDS.put("artifacts", "Artifacts");
    KINDS.put("ratelimits", "Rate Limit");
    KINDS.put("assets", "Assets");
    KINDS.put("unsafe_hello_world", "Hello World");
    KINDS.put("flagship", "Flagship");
    KINDS.put("worker_loaders", "Worker Loader");
    KINDS.put("vpc_services", "VPC Service");
    KINDS.put("vpc_networks", "VPC Network");
  }

  // What every JavaScript object inherits: wrangler finds these in its empty table of names, takes
  // them for lists, and ends.
  private static final Set<String> INHERITED =
      Set.of(
          "constructor",
          "hasOwnProperty",
          "isPrototypeOf",
          "propertyIsEnumerable",
          "toLocaleString",
          "toString",
          "valueOf",
          "__defineGetter__",
          "__defineSetter__",
          "__lookupGetter__",
          "__lookupSetter__",
          "__proto__");

  /** Which kinds of binding one name has, and how often each. */
  private static final class Uses {
    private final Map<String, Integer> kinds = new LinkedHashMap<>();
    private Place last = new Place(0, 0);
    private int count;

    private void add(String kind, Place place) {
      kinds.merge(kind, 1, Integer::sum);
      last = place;
      count++;
    }
  }

  private final Diagnostics diagnostics;
  private final Map<String, Uses> names = new LinkedHashMap<>();

  private DuplicateNames(Diagnostics diagnostics) {
    this.diagnostics = diagnostics;
  }

  /**
   * Checks one configuration.
   *
   * @param fields a field's value in the active environment, or null
   * @param isPages whether it is a Pages project, which has a binding of its own
   */
  static void check(
      Js js,
      Diagnostics diagnostics,
      Function<String, @Nullable ConfigValue> fields,
      boolean isPages)
      throws WranglerCrash {
    var check = new DuplicateNames(diagnostics);
    for (var kind : KINDS.entrySet()) {
      var value = fields.apply(kind.getKey());
      if (kind.getKey().equals("queues")) {
        value = js.get(value, "producers");
      }
      check.add(kind.getValue(), BindingNames.of(js, value), isPages);
    }
    check.add("Secret", secrets(js, fields.apply("secrets")), isPages);
    check.report();
  }

  private static List<BindingNames.Named> secrets(Js js, @Nullable ConfigValue secrets)
      throws WranglerCrash {
    var required = Js.orUndefined(js.get(secrets, "required"));
    var names = new ArrayList<BindingNames.Named>();
    if (required instanceof ArrayValue list) {
      for (ConfigValue name : list.elements()) {
        names.add(new BindingNames.Named(Js.text(name), Place.of(name)));
      }
    } else if (required instanceof StringValue string) {
      string
          .value()
          .codePoints()
          .forEach(c -> names.add(new BindingNames.Named(Character.toString(c), Place.of(string))));
    } else if (required != null) {
      throw new WranglerCrash("\"secrets.required\" must be an array", required);
    }
    return names;
  }

  private void add(String kind, List<BindingNames.Named> named, boolean isPages)
      throws WranglerCrash {
    for (BindingNames.Named name : named) {
      if (INHERITED.contains(name.name())) {
        throw new WranglerCrash(
            "a binding must not be called "
                + JsonText.quote(name.name())
                + ": every JavaScript object has a property of that name",
            name.place());
      }
      if (isPages && name.name().equals("ASSETS")) {
        diagnostics.error(
            "The name 'ASSETS' is reserved in Pages projects. Please use a different name for your "
                + kind
                + " binding.",
            name.place());
      }
      names.computeIfAbsent(name.name(), key -> new Uses()).add(kind, name.place());
    }
  }

  private void report() {
    Place last = null;
    for (String name : inPropertyOrder()) {
      var uses = names.get(name);
      if (uses == null || uses.count < 2) {
        continue;
      }
      last = uses.last;
      if (uses.kinds.size() > 1) {
        var kinds = List.copyOf(uses.kinds.keySet());
        diagnostics.error(name + " assigned to " + english(kinds) + " bindings.", last);
      }
      for (var kind : uses.kinds.entrySet()) {
        if (kind.getValue() > 1) {
          diagnostics.error(name + " assigned to multiple " + kind.getKey() + " bindings.", last);
        }
      }
    }
    if (last != null) {
      diagnostics.error(
          "Bindings must have unique names, so that they can all be referenced in the worker.\n"
              + "Please change your bindings to have unique names.",
          last);
    }
  }

  private List<String> inPropertyOrder() {
    var members = new ArrayList<ConfigValue.Member>(names.size());
    var none = new ConfigValue.NullValue(0, 0);
    names.keySet().forEach(name -> members.add(new ConfigValue.Member(name, 0, 0, none)));
    return JsonText.inPropertyOrder(members).stream().map(ConfigValue.Member::key).toList();
  }

  /** {@code A and B}; {@code A, B, and C}. */
  static String english(List<String> items) {
    int last = items.size() - 1;
    if (last < 1) {
      return String.join("", items);
    }
    return String.join(", ", items.subList(0, last))
        + (last == 1 ? " and " : ", and ")
        + items.get(last);
  }
}
