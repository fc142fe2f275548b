package dev.peregrine.docs;

import dev.peregrine.docs.Page.Block;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/**
 * The Java of pages as programs, one a page: its blocks run from above to below as JShell would run
 * them, so that a block sees what those before it declared.
 *
 * <p>Imports may stand in any block. A block that begins with a type or a {@code static} method
 * declares members; any other is a piece of the program's body.
 */
final class Programs {
  private static final Pattern IMPORT = Pattern.compile("(?m)^import .*;\\n");
  private static final Pattern MEMBER =
      Pattern.compile(
          "(?s)^(\\s|//[^\\n]*\\n|/\\*.*?\\*/)*(public |final |sealed |abstract )*"
              + "(static|class|record|interface|enum)\\b.*");

  /** Ends what a block printed. */
  private static final char END = '\u0001';

  private final URLClassLoader classes;

  private Programs(URLClassLoader classes) {
    this.classes = classes;
  }

  /** Compiles the Java of all pages in one go. */
  static Programs compile(List<Page> pages, Path folder) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> faults = new DiagnosticCollector<>();
    List<String> options =
        List.of(
            "-d",
            folder.toString(),
            "-proc:none",
            "-classpath",
            System.getProperty("java.class.path"),
            "--add-modules",
            "jdk.incubator.vector");
    List<Source> sources = pages.stream().map(Source::new).toList();
    boolean done =
        compiler.getTask(new StringWriter(), null, faults, options, null, sources).call();
    if (!done) {
      throw new AssertionError(
          faults.getDiagnostics().stream()
              .filter(fault -> fault.getKind() == Diagnostic.Kind.ERROR)
              .map(Programs::describe)
              .collect(Collectors.joining("\n")));
    }
    return new Programs(new URLClassLoader(new URL[] {folder.toUri().toURL()}));
  }

  private static String describe(Diagnostic<? extends JavaFileObject> fault) {
    String line = "";
    if (fault.getSource() instanceof Source source) {
      line = source.code.lines().skip(fault.getLineNumber() - 1).findFirst().orElse("");
    }
    return fault.getSource() + ": " + fault.getMessage(null) + "\n    " + line;
  }

  /** Runs the program of a page and returns what each of its Java blocks printed. */
  Map<Block, String> run(Page page) throws ReflectiveOperationException {
    Runnable program =
        classes
            .loadClass(Source.className(page))
            .asSubclass(Runnable.class)
            .getConstructor()
            .newInstance();
    PrintStream before = System.out;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (PrintStream capture = new PrintStream(bytes, true, StandardCharsets.UTF_8)) {
      System.setOut(capture);
      program.run();
    } finally {
      System.setOut(before);
    }
    String printed = bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    List<String> parts = List.of(printed.split(String.valueOf(END), -1));
    Map<Block, String> outputs = new TreeMap<>((a, b) -> Integer.compare(a.line(), b.line()));
    List<Block> blocks = Source.java(page);
    for (int i = 0; i < blocks.size(); i++) {
      outputs.put(blocks.get(i), parts.get(i));
    }
    return outputs;
  }

  /** The program of a page. */
  private static final class Source extends SimpleJavaFileObject {
    private final String code;
    private final Page page;

    Source(Page page) {
      super(URI.create("memory:///" + className(page) + ".java"), Kind.SOURCE);
      this.page = page;
      this.code = program(page);
    }

    static List<Block> java(Page page) {
      return page.blocks().stream().filter(block -> block.language().equals("java")).toList();
    }

    static String className(Page page) {
      return "Page_"
          + page.file().getFileName().toString().replace(".md", "").replaceAll("\\W", "_");
    }

    private static String program(Page page) {
      List<String> imports = new ArrayList<>();
      StringBuilder members = new StringBuilder();
      StringBuilder body = new StringBuilder();
      for (Block block : java(page)) {
        IMPORT.matcher(block.text()).results().forEach(match -> imports.add(match.group()));
        String rest = IMPORT.matcher(block.text()).replaceAll("");
        if (MEMBER.matcher(rest).matches()) {
          members.append(rest);
        } else {
          body.append(rest);
        }
        body.append("System.out.print('\\u%04x');\n".formatted((int) END));
      }
      return imports.stream().distinct().collect(Collectors.joining())
          + "public final class "
          + className(page)
          + " implements Runnable {\n"
          + members
          + "@Override public void run() {\n"
          + body
          + "}\n}\n";
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return code;
    }

    @Override
    public String toString() {
      return page.toString();
    }
  }
}
