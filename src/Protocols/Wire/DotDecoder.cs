namespace Webmail.Protocols.Wire;

public enum DotStatus
{
    /// <summary>All input was taken, or the output is full: go on.</summary>
    More,

    /// <summary>CRLF.CRLF was reached: what follows in the input belongs to the next command.</summary>
    End,
}

/// <summary>
/// Takes the dots out of a message as SMTP's DATA sends it (RFC 5321 section 4.5.2), octet by octet across any split. The end is CRLF.CRLF and
/// nothing like it; a bare CR or LF is data, and is remembered in <see cref="SawBareNewline"/> for those who refuse such messages (SMTP smuggling).
/// </summary>
public struct DotDecoder
{
    private enum State : byte
    {
        LineStart,
        InLine,
        Cr,
        Dot,
        DotCr,
    }

    private State _state;

    public bool SawBareNewline { get; private set; }

    /// <summary>The longest line so far, its CRLF not counted.</summary>
    public int LongestLine { get; private set; }

    private int _lineLength;

    /// <summary>Decodes as much as fits. The output must have room for at least three octets.</summary>
    public DotStatus Decode(ReadOnlySpan<byte> input, Span<byte> output, out int consumed, out int written)
    {
        consumed = written = 0;
        while (consumed < input.Length && written + 3 <= output.Length)
        {
            var rest = input[consumed..];
            if (_state == State.InLine)
            {
                var run = rest.IndexOfAny((byte)'\r', (byte)'\n');
                if (run < 0)
                    run = rest.Length;
                run = Math.Min(run, output.Length - written);
                rest[..run].CopyTo(output[written..]);
                written += run;
                consumed += run;
                _lineLength += run;
                if (consumed == input.Length || written + 3 > output.Length)
                    break;
            }

            if (Step(input[consumed++], output, ref written))
                return DotStatus.End;
        }

        return DotStatus.More;
    }

    /// <summary>One octet that isn't in the middle of a line. True: the message has ended.</summary>
    private bool Step(byte octet, Span<byte> output, ref int written)
    {
        switch (_state)
        {
            case State.LineStart when octet == '.':
                _state = State.Dot;
                return false;
            case State.Dot when octet == '\r':
                _state = State.DotCr;
                return false;
            case State.DotCr when octet == '\n':
                return true;
            case State.DotCr:
                // ".<CR>x": the dot was stuffing after all, and the CR stands alone.
                output[written++] = (byte)'\r';
                SawBareNewline = true;
                _state = State.InLine;
                break;
            case State.Cr when octet == '\n':
                output[written++] = octet;
                EndLine();
                return false;
            case State.Cr:
                SawBareNewline = true;
                _state = State.InLine;
                break;
        }

        switch (octet)
        {
            case (byte)'\r':
                _state = State.Cr;
                break;
            case (byte)'\n':
                // Bare: data, and the next octet is not at the start of a line.
                SawBareNewline = true;
                _state = State.InLine;
                break;
            default:
                _state = State.InLine;
                _lineLength++;
                break;
        }

        output[written++] = octet;
        return false;
    }

    private void EndLine()
    {
        LongestLine = Math.Max(LongestLine, _lineLength);
        _lineLength = 0;
        _state = State.LineStart;
    }
}
