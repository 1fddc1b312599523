import org.jspecify.annotations.NullMarked;

/**
 * Runs the tests of one module on the module path alone, or on the class path where they need it.
 *
 * <p>The other tests of this folder (the arrows between the modules, the launch of the command) are
 * not in this module: they need every class file in sight and run on the class path.
 */
@NullMarked
module io.vpc4j.integrationtests {
  requires org.junit.platform.engine;
  requires org.junit.platform.launcher;
  requires static org.jspecify;
}
