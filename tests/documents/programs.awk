# Writes every whole C++ program of a document, that is every ```cpp block with a main function, to a file of its own
# in `folder`, and prints the files' names. The compiler's messages then name the document's lines.
#
# Use: awk -v folder=FOLDER -v name=NAME -f programs.awk DOCUMENT
/^```cpp/ { inside = 1; program = 0; text = ""; first = FNR + 1; next }
/^```/ && inside {
  inside = 0
  if (program) {
    file = folder "/" name "_" ++count ".cpp"
    printf "#line %d \"%s\"\n%s", first, FILENAME, text > file
    close(file)
    print file
  }
}
inside { text = text $0 "\n" }
inside && /^int main\(/ { program = 1 }
