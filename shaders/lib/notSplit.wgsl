// Stands for the exponent of a row or a column that parts of half precision cannot represent.
const NOT_SPLIT: i32 = 0x7fffffff;
