"""The laws of a contact, one a file: equations, the functions of the device, the spec."""
