using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace Webmail.MailCore.Data.Migrations;

/// <summary>What the queue's runner needs beside the due index: its own leases.</summary>
[DbContext(typeof(MailDbContext))]
[Migration("20261124084500_QueueLease")]
internal sealed class QueueLease : SqlMigration;
