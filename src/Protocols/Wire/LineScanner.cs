using System.Buffers;

namespace Webmail.Protocols.Wire;

internal enum LineScan
{
    /// <summary>No end of line yet.</summary>
    None,
    Line,

    /// <summary>A CR or LF on its own, where that is not allowed.</summary>
    Bare,
}

/// <summary>Finds the end of a line in what has been received so far.</summary>
internal static class LineScanner
{
    /// <param name="buffer">What has been received.</param>
    /// <param name="ending">What may end a line.</param>
    /// <param name="lineEnd">Where the line ends, its CR and LF left out.</param>
    /// <param name="next">Where the next line begins.</param>
    public static LineScan Find(in ReadOnlySequence<byte> buffer, LineEnding ending, out SequencePosition lineEnd, out SequencePosition next)
    {
        var reader = new SequenceReader<byte>(buffer);
        lineEnd = next = buffer.Start;
        if (ending == LineEnding.CrLfOrLf)
        {
            if (!reader.TryAdvanceTo((byte)'\n', advancePastDelimiter: false))
                return LineScan.None;
            var length = reader.Consumed;
            next = buffer.GetPosition(1, reader.Position);
            if (length > 0)
            {
                reader.Rewind(1);
                if (reader.TryPeek(out var before) && before == '\r')
                    length--;
            }

            lineEnd = buffer.GetPosition(length);
            return LineScan.Line;
        }

        if (!reader.TryAdvanceToAny("\r\n"u8, advancePastDelimiter: false))
            return LineScan.None;
        lineEnd = reader.Position;
        reader.TryRead(out var first);
        if (first == '\n')
        {
            next = reader.Position;
            return LineScan.Bare;
        }

        if (!reader.TryRead(out var second))
            return LineScan.None;
        next = second == '\n' ? reader.Position : buffer.GetPosition(1, lineEnd);
        return second == '\n' ? LineScan.Line : LineScan.Bare;
    }
}
