package io.vpc4j.core.config.directory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What tells one state of some files from another without reading them: where links lead, the
 * file's identity, its size, and when it was changed.
 *
 * <p>On Unix the time of the last change of the inode is part of it. That catches two edits of one
 * length within one tick of the clock if a rename lies between, and a change whose author set the
 * modification time back.
 */
record Fingerprint(Map<Path, String> files) {

  private static final String UNIX = "unix:size,lastModifiedTime,ctime,ino,mode";
  private static final String BASIC = "size,lastModifiedTime,fileKey,isRegularFile";

  Fingerprint {
    files = Map.copyOf(files);
  }

  static Fingerprint of(Collection<Path> files) {
    var states = new HashMap<Path, String>();
    files.forEach(file -> states.put(file, state(file)));
    return new Fingerprint(states);
  }

  private static String state(Path file) {
    try {
      var unix = file.getFileSystem().supportedFileAttributeViews().contains("unix");
      var attributes = new TreeMap<>(Files.readAttributes(file, unix ? UNIX : BASIC));
      return file.toRealPath() + " " + attributes;
    } catch (IOException | SecurityException e) {
      return "unreadable";
    }
  }
}
