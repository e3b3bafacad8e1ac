#include "part.hpp"

#include <iostream>

int main() {
  if (&first::closed().category() == &second::closed().category()) {
    std::cerr << "there is one category, so this program shows nothing\n";
    return 1;
  }
  if (!first::is_closed(second::closed()) || !second::is_closed(first::closed())) {
    std::cerr << "one copy does not know the other's error codes\n";
    return 1;
  }
  return 0;
}
