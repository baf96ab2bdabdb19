#include "export.h"

enum state {
	STATE_NONE = -1,
	STATE_IDLE,
	STATE_BUSY,
	STATE_DEAD,
};

typedef enum {
	MODE_READ = 1,
	MODE_WRITE = 2,
} mode_kind;

enum state get_state(mode_kind mode)
{
	return STATE_IDLE;
}
EXPORT_SYMBOL(get_state);
