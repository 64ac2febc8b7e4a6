import { describe, expect, it } from 'vitest'
import { verify } from '../../engine/expression/emit/verify.ts'

const helpers = new Set(['add', 'step'])
const program = (code: string): string =>
  `"use strict";const {add}=H;const k0=K[0];return (record,i,variables,hidden)=>(${code})`

describe('generated code is read again', () => {
  it.each([
    'add(1,"x")',
    'step(i,(i1)=>(i1["a"]))',
    'k0.has(i)',
    '(t=i)===U?null:typeof t',
    '(o1={},o1["constructor"]=1,o1)',
    '[{of:(i1)=>(i1),isDescending:true}]',
    '(i1)=>{let x1;try{x1=add(1,i1)}catch{x1=null}return x1}',
  ])('%s may stand there', (code) => expect(() => verify(program(code), helpers)).not.toThrow())

  it.each([
    'process',
    'globalThis',
    'eval("1")',
    'Function("1")()',
    'i.constructor',
    'i[t]',
    '""["constructor"]["constructor"]("1")()',
    'add.constructor',
    'add.call(i)',
    'this',
    'new H()',
    'import("x")',
    'function(){}',
    'async()=>1',
    '`x`',
    't["constructor"]',
    'k0["has"](i)',
    'record=1',
    'i["a"]=1',
    '/x/',
    '1n',
    'i.has.call',
    '(()=>{for(;;){}})()',
    '{__proto__:i}',
    '[{get of(){return 1}}]',
    '[{constructor:1}]',
    'delete i["a"]',
    'i??1',
    'i?.has',
    'class{}',
    'i=>{throw 1}',
    '(i1)=>{try{add(i1)}catch(t){add(t)}return i1}',
    '(i1)=>{try{add(i1)}catch{add(1)}finally{add(2)}return i1}',
  ])('%s may not', (code) => expect(() => verify(program(code), helpers)).toThrow())
})
