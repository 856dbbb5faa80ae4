using System.Text;

namespace Webmail.MailCore.Outbound;

/// <summary>
/// Who held this data directory's leases before: written down at the start, so that what was under way when the server was killed goes on at once and
/// need not wait for its leases to end. The file is held locked: while another process lives that shares the directory, nothing is taken from it.
/// </summary>
internal sealed class QueuePredecessor : IDisposable
{
    private readonly FileStream? _file;

    private QueuePredecessor(FileStream? file, Guid? owner)
    {
        _file = file;
        Owner = owner;
    }

    /// <summary>Null: there was none, or it lives.</summary>
    public Guid? Owner { get; }

    public static QueuePredecessor Open(string dataDirectory, Guid successor)
    {
        try
        {
            System.IO.Directory.CreateDirectory(dataDirectory);
            var file = new FileStream(Path.Combine(dataDirectory, "queue.owner"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var text = new byte[64];
            var length = file.ReadAtLeast(text, text.Length, throwOnEndOfStream: false);
            var owner = Guid.TryParse(Encoding.ASCII.GetString(text, 0, length).Trim(), out var before) ? before : default(Guid?);
            file.SetLength(0);
            file.Write(Encoding.ASCII.GetBytes($"{successor}\n"));
            file.Flush(flushToDisk: true);
            return new(file, owner);
        }
        catch (IOException)
        {
            return new(null, null);
        }
    }

    public void Dispose() => _file?.Dispose();
}
